// What is done with an open file.
#include "behaviour.h"

BEHAVIOUR(positions) {
  __wasi_fd_t fd = opened("a", CREAT);
  __wasi_filesize_t at;
  char buffer[8];
  REQUIRE(position(fd) == 0);
  OK(put(fd, "hello world"));
  REQUIRE(position(fd) == 11);
  OK(__wasi_fd_seek(fd, -5, __WASI_WHENCE_CUR, &at));
  REQUIRE(at == 6 && got(fd, buffer, 3) == 3 && !memcmp(buffer, "wor", 3));
  OK(__wasi_fd_seek(fd, -1, __WASI_WHENCE_END, &at));
  REQUIRE(at == 10 && got(fd, buffer, 8) == 1 && got(fd, buffer, 8) == 0);
  OK(__wasi_fd_seek(fd, 1000, __WASI_WHENCE_CUR, &at));
  REQUIRE(at == 1011 && got(fd, buffer, 8) == 0);
  IS(INVAL, __wasi_fd_seek(fd, -2000, __WASI_WHENCE_CUR, &at));
  IS(INVAL, __wasi_fd_seek(fd, -1, __WASI_WHENCE_SET, &at));
  REQUIRE(position(fd) == 1011);
  REQUIRE(stat_of(fd).size == 11);
}

BEHAVIOUR(a_gap_reads_as_zeros) {
  __wasi_fd_t fd = opened("a", CREAT);
  __wasi_filesize_t at;
  char buffer[8];
  OK(put(fd, "ab"));
  OK(__wasi_fd_seek(fd, 6, __WASI_WHENCE_SET, &at));
  OK(put(fd, "c"));
  REQUIRE(stat_of(fd).size == 7);
  OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
  REQUIRE(got(fd, buffer, 8) == 7 && !memcmp(buffer, "ab\0\0\0\0c", 7));
}

BEHAVIOUR(vectors) {
  __wasi_fd_t fd = opened("a", CREAT);
  __wasi_size_t size;
  char one[3] = {0}, two[8] = {0};
  __wasi_ciovec_t out[] = {{(uint8_t *)"ab", 2}, {0, 0}, {(uint8_t *)"cdef", 4}};
  __wasi_iovec_t in[] = {{(uint8_t *)one, 3}, {0, 0}, {(uint8_t *)two, 8}};
  OK(__wasi_fd_write(fd, out, 3, &size));
  REQUIRE(size == 6 && position(fd) == 6);
  OK(__wasi_fd_pread(fd, in, 3, 0, &size));
  REQUIRE(size == 6 && !memcmp(one, "abc", 3) && !memcmp(two, "def\0", 4));
  OK(__wasi_fd_pread(fd, in, 0, 0, &size));
  REQUIRE(size == 0);
  OK(__wasi_fd_write(fd, out, 0, &size));
  REQUIRE(size == 0 && stat_of(fd).size == 6);
}

BEHAVIOUR(reads_and_writes_at_a_place_leave_the_position) {
  __wasi_fd_t fd = opened("a", CREAT);
  __wasi_size_t size;
  __wasi_ciovec_t nothing = {0, 0};
  OK(__wasi_fd_pwrite(fd, &nothing, 1, 50, &size));
  REQUIRE(size == 0 && stat_of(fd).size == 0 && position(fd) == 0);
  OK(put_at(fd, "abcd", 0));
  OK(put_at(fd, "x", 2));
  REQUIRE(position(fd) == 0);
  REQUIRE(holds(fd, 0, "abxd") && holds(fd, 2, "xd") && holds(fd, 4, "") && holds(fd, 400, ""));
  REQUIRE(position(fd) == 0);
  OK(put_at(fd, "y", 50));
  REQUIRE(stat_of(fd).size == 51 && position(fd) == 0);
}

BEHAVIOUR(appending) {
  __wasi_fd_t fd;
  __wasi_filesize_t at;
  __wasi_fdstat_t stat;
  make_file("a", "one");
  OK(open_with(ROOT, 0, "a", 0, RIGHTS, APPEND, &fd));
  OK(__wasi_fd_fdstat_get(fd, &stat));
  REQUIRE(stat.fs_flags == APPEND);
  OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
  OK(put(fd, "two"));
  REQUIRE(position(fd) == 6 && holds(fd, 0, "onetwo"));
  OK(put_at(fd, "!", 0));  // as Linux has it, not POSIX: the flag decides, and not the place
  REQUIRE(position(fd) == 6 && holds(fd, 0, "onetwo!"));
  OK(__wasi_fd_fdstat_set_flags(fd, 0));
  OK(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
  OK(put(fd, "1"));
  OK(put_at(fd, "!", 1));
  REQUIRE(holds(fd, 0, "1!etwo!"));
  OK(__wasi_fd_fdstat_set_flags(fd, APPEND));
  OK(put(fd, "3"));
  REQUIRE(holds(fd, 0, "1!etwo!3"));
}

BEHAVIOUR(truncating) {
  __wasi_fd_t fd = opened("a", CREAT), other;
  OK(put(fd, "this is cut"));
  OK(__wasi_fd_filestat_set_size(fd, 4));
  REQUIRE(holds(fd, 0, "this") && position(fd) == 11);
  OK(__wasi_fd_filestat_set_size(fd, 6));
  REQUIRE(stat_of(fd).size == 6);
  OK(open_with(ROOT, 0, "a", TRUNC, 0, 0, &other));  // the directory's right is enough for it
  REQUIRE(stat_of(fd).size == 0 && stat_of(other).size == 0);
  OK(put_at(fd, "again", 0));
  OK(open_with(ROOT, 0, "a", CREAT | TRUNC, READ | WRITE, 0, &other));
  REQUIRE(stat_of(fd).size == 0 && holds(other, 0, ""));
  IS(INVAL, __wasi_fd_filestat_set_size(fd, UINT64_MAX));
}

BEHAVIOUR(allocating) {
  __wasi_fd_t fd = opened("a", CREAT);
  OK(__wasi_fd_allocate(fd, 0, 100));
  REQUIRE(stat_of(fd).size == 100);
  OK(__wasi_fd_allocate(fd, 10, 10));
  REQUIRE(stat_of(fd).size == 100);
  OK(__wasi_fd_allocate(fd, 90, 20));
  REQUIRE(stat_of(fd).size == 110);
  REQUIRE(position(fd) == 0);
}

BEHAVIOUR(advising) {
  __wasi_fd_t fd = opened("a", CREAT);
  OK(__wasi_fd_filestat_set_size(fd, 100));
  for (int advice = 0; advice < 6; advice++) OK(__wasi_fd_advise(fd, 10, 50, advice));
  IS(INVAL, __wasi_fd_advise(fd, 0, 0, 6));
  REQUIRE(stat_of(fd).size == 100);
}

BEHAVIOUR(syncing) {
  __wasi_fd_t fd;
  OK(open_with(ROOT, 0, "a", CREAT, RIGHTS, __WASI_FDFLAGS_SYNC, &fd));
  OK(put(fd, "x"));
  OK(__wasi_fd_sync(fd));
  OK(__wasi_fd_datasync(fd));
}

BEHAVIOUR(what_one_writes_another_reads) {
  __wasi_fd_t reader, writer;
  OK(open_with(ROOT, 0, "a", CREAT, READ, 0, &reader));
  OK(open_with(ROOT, 0, "a", 0, WRITE, 0, &writer));
  OK(put(writer, "x"));
  REQUIRE(holds(reader, 0, "x"));
  OK(__wasi_path_unlink_file(ROOT, "a"));  // a file without a name lives on while it is open
  OK(put(writer, "y"));
  REQUIRE(holds(reader, 0, "xy") && stat_of(reader).nlink == 0);
  OPENS(NOENT, ROOT, "a", 0, READ);
}

BEHAVIOUR(a_file_is_open_for_what_was_asked) {
  __wasi_fd_t reader, writer, neither;
  __wasi_size_t size;
  __wasi_iovec_t vector = {(uint8_t *)&(char){0}, 1};
  __wasi_fdstat_t stat;
  make_file("a", "x");
  OK(open_with(ROOT, 0, "a", 0, READ, 0, &reader));
  OK(open_with(ROOT, 0, "a", 0, WRITE, 0, &writer));
  OK(open_with(ROOT, 0, "a", 0, 0, 0, &neither));
  OK(__wasi_fd_fdstat_get(reader, &stat));
  REQUIRE(stat.fs_filetype == __WASI_FILETYPE_REGULAR_FILE && stat.fs_flags == 0);
  REQUIRE((stat.fs_rights_base & READ) && !(stat.fs_rights_base & WRITE));
  OK(__wasi_fd_fdstat_get(writer, &stat));
  REQUIRE(!(stat.fs_rights_base & READ) && (stat.fs_rights_base & WRITE));
  IS(BADF, put(reader, "x"));
  IS(BADF, put_at(reader, "x", 0));
  IS(BADF, __wasi_fd_read(writer, &vector, 1, &size));
  IS(BADF, __wasi_fd_pread(writer, &vector, 1, 0, &size));
  IS(BADF, put(neither, "x"));
  OK(__wasi_fd_pread(reader, &vector, 1, 0, &size));
  REQUIRE(size == 1);
}

BEHAVIOUR(a_long_write) {
  static char block[65536], read[100];
  __wasi_fd_t fd = opened("a", CREAT);
  __wasi_filesize_t at;
  for (size_t i = 0; i < sizeof block - 1; i++) block[i] = 'a' + i % 26;
  OK(put(fd, block));
  OK(put(fd, block));
  REQUIRE(stat_of(fd).size == 2 * (sizeof block - 1));
  OK(__wasi_fd_seek(fd, sizeof block - 1, __WASI_WHENCE_SET, &at));
  REQUIRE(got(fd, read, 100) == 100 && !memcmp(read, block, 100));
}

BEHAVIOUR(files_are_told_apart) {
  make_file("a", "");
  make_file("b", "");
  __wasi_filestat_t a = stat_at("a", 0), b = stat_at("b", 0), same = stat_of(opened("a", 0));
  REQUIRE(a.dev == b.dev && a.ino != b.ino && a.ino == same.ino && a.dev == same.dev && a.nlink == 1);
}
