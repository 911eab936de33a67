// What is done with a descriptor itself.
#include "behaviour.h"

BEHAVIOUR(the_lowest_number_is_next) {
  make_file("a", "");
  __wasi_fd_t one = opened("a", 0), two = opened("a", 0);
  REQUIRE(one > 2 && two == one + 1);
  OK(__wasi_fd_close(one));
  IS(BADF, __wasi_fd_close(one));
  REQUIRE(opened("a", 0) == one);
}

BEHAVIOUR(renumbering) {
  __wasi_fdstat_t before, after;
  __wasi_fd_t one = opened("one", CREAT), two = opened("two", CREAT);
  OK(put(one, "one"));
  OK(__wasi_fd_fdstat_get(one, &before));
  OK(__wasi_fd_renumber(one, two));
  IS(BADF, __wasi_fd_close(one));
  OK(__wasi_fd_fdstat_get(two, &after));
  REQUIRE(!memcmp(&before, &after, sizeof before));
  REQUIRE(holds(two, 0, "one") && position(two) == 3);
  IS(BADF, __wasi_fd_renumber(two, one));
  IS(BADF, __wasi_fd_renumber(one, two));
  OK(__wasi_fd_close(two));
}

BEHAVIOUR(renumbering_onto_a_preopen) {
  __wasi_prestat_t prestat;
  __wasi_fdstat_t stat;
  make_folder("d");
  __wasi_fd_t fd = opened_folder("d");
  __wasi_filestat_t before = stat_of(fd), after;
  OK(__wasi_fd_renumber(fd, ROOT));
  after = stat_of(ROOT);
  REQUIRE(before.ino == after.ino && before.dev == after.dev);
  IS(BADF, __wasi_fd_fdstat_get(fd, &stat));
  IS(NOENT, __wasi_path_unlink_file(ROOT, "d"));  // the folder itself is what 3 stands for now
  IS(BADF, __wasi_fd_prestat_get(ROOT, &prestat));
  OK(__wasi_fd_close(ROOT));
}

BEHAVIOUR(renumbering_standard_streams) {
  __wasi_fdstat_t stat;
  for (__wasi_fd_t stream = 0; stream < 3; stream += 2) {  // but not what this prints to
    __wasi_fd_t fd = opened("a", CREAT);
    OK(__wasi_fd_renumber(stream, fd));
    OK(__wasi_fd_fdstat_get(fd, &stat));
    IS(BADF, __wasi_fd_fdstat_get(stream, &stat));
  }
}

BEHAVIOUR(closing_a_preopen) {
  __wasi_fdstat_t stat;
  __wasi_fd_t fd = opened_folder(".");
  OK(__wasi_fd_close(ROOT));
  IS(BADF, __wasi_fd_fdstat_get(ROOT, &stat));
  OK(__wasi_fd_fdstat_get(fd, &stat));
  REQUIRE(stat.fs_filetype == __WASI_FILETYPE_DIRECTORY);
  OK(__wasi_path_create_directory(fd, "d"));
}

BEHAVIOUR(a_preopen_is_named) {
  __wasi_prestat_t prestat;
  uint8_t name[8] = {0};
  OK(__wasi_fd_prestat_get(ROOT, &prestat));
  REQUIRE(prestat.tag == __WASI_PREOPENTYPE_DIR && prestat.u.dir.pr_name_len == 1);
  IS(NAMETOOLONG, __wasi_fd_prestat_dir_name(ROOT, name, 0));
  OK(__wasi_fd_prestat_dir_name(ROOT, name, 2));  // a larger buffer is fine
  REQUIRE(!memcmp(name, "/\0", 2));
  IS(BADF, __wasi_fd_prestat_get(ROOT + 1, &prestat));
}

BEHAVIOUR(what_a_preopen_may) {
  __wasi_rights_t own = 0x07fc0000 & ~__WASI_RIGHTS_PATH_FILESTAT_SET_SIZE & ~__WASI_RIGHTS_FD_FILESTAT_SET_SIZE;
  __wasi_fdstat_t stat;
  __wasi_fd_t fd;
  OK(__wasi_fd_fdstat_get(ROOT, &stat));
  REQUIRE(stat.fs_filetype == __WASI_FILETYPE_DIRECTORY && stat.fs_flags == 0);
  REQUIRE((stat.fs_rights_base & own) == own && (stat.fs_rights_inheriting & RIGHTS) == RIGHTS);
  REQUIRE(!(stat.fs_rights_base & __WASI_RIGHTS_FD_FILESTAT_SET_SIZE));
  OK(__wasi_path_open(ROOT, 0, ".", 0, stat.fs_rights_base, stat.fs_rights_inheriting, 0, &fd));
  OPENS(SUCCESS, ROOT, ".", 0, 0);
  OPENS(SUCCESS, ROOT, ".", DIRECTORY, 0);
  OPENS(SUCCESS, ROOT, ".", DIRECTORY, READ);
  OPENS(ISDIR, ROOT, ".", DIRECTORY, READ | WRITE);
  OPENS(ISDIR, ROOT, ".", 0, WRITE);
  OK(open_with(ROOT, 0, ".", 0, 0, __WASI_FDFLAGS_NONBLOCK, &fd));
}

BEHAVIOUR(a_directory_is_no_file) {
  __wasi_size_t size;
  __wasi_filesize_t at;
  __wasi_iovec_t in = {(uint8_t *)&(char){0}, 1};
  for (__wasi_fd_t fd = ROOT; fd < ROOT + 2; fd++) {
    IS(BADF, __wasi_fd_read(fd, &in, 1, &size));
    IS(BADF, __wasi_fd_pread(fd, &in, 1, 0, &size));
    IS(BADF, put(fd, "x"));
    IS(BADF, put_at(fd, "x", 0));
    for (int whence = 0; whence < 3; whence++) IS(BADF, __wasi_fd_seek(fd, 0, whence, &at));
    IS(BADF, __wasi_fd_tell(fd, &at));
    IS(BADF, __wasi_fd_allocate(fd, 0, 1));
    IS(BADF, __wasi_fd_filestat_set_size(fd, 0));
    IS(BADF, __wasi_fd_advise(fd, 0, 0, __WASI_ADVICE_DONTNEED));
    IS(BADF, __wasi_fd_sync(fd));
    IS(BADF, __wasi_fd_datasync(fd));
    IS(BADF, __wasi_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_NONBLOCK));
    if (fd == ROOT) REQUIRE(opened_folder(".") == ROOT + 1);
  }
}

BEHAVIOUR(a_file_is_no_directory) {
  __wasi_size_t size;
  uint8_t buffer[64];
  __wasi_fd_t fd = opened("a", CREAT);
  OPENS(NOTDIR, fd, "b", CREAT, 0);
  OPENS(NOTDIR, fd, ".", 0, 0);
  IS(NOTDIR, __wasi_path_create_directory(fd, "d"));
  IS(NOTDIR, __wasi_path_unlink_file(fd, "d"));
  IS(NOTDIR, __wasi_path_remove_directory(fd, "d"));
  IS(NOTDIR, __wasi_path_symlink("a", fd, "d"));
  IS(NOTDIR, __wasi_path_readlink(fd, "d", buffer, 1, &size));
  IS(NOTDIR, __wasi_path_rename(fd, "d", ROOT, "d"));
  IS(NOTDIR, __wasi_path_rename(ROOT, "a", fd, "d"));
  IS(NOTDIR, __wasi_path_link(ROOT, 0, "a", fd, "d"));
}

BEHAVIOUR(a_number_that_stands_for_nothing) {
  __wasi_fdstat_t stat;
  __wasi_filestat_t found;
  __wasi_size_t size;
  __wasi_fd_t none[] = {ROOT + 1, 1000, (__wasi_fd_t)-1};
  for (int i = 0; i < 3; i++) {
    IS(BADF, __wasi_fd_close(none[i]));
    IS(BADF, __wasi_fd_fdstat_get(none[i], &stat));
    IS(BADF, __wasi_fd_filestat_get(none[i], &found));
    IS(BADF, put(none[i], "x"));
    IS(BADF, __wasi_fd_renumber(ROOT, none[i]));
    IS(BADF, __wasi_path_create_directory(none[i], "d"));
    IS(BADF, __wasi_fd_readdir(none[i], (uint8_t *)&found, 8, 0, &size));
  }
}

BEHAVIOUR(a_closed_number_leads_nowhere) {
  make_folder("d");
  __wasi_fd_t folder = opened_folder("d"), file;
  OK(open_with(folder, 0, "a", CREAT, RIGHTS, 0, &file));
  OK(__wasi_fd_close(folder));
  OPENS(BADF, folder, "a", 0, 0);
  OK(put(file, "x"));
  OK(__wasi_path_unlink_file(ROOT, "d/a"));
  OK(__wasi_path_remove_directory(ROOT, "d"));
  OK(put(file, "y"));
  OK(__wasi_fd_close(file));
}

BEHAVIOUR(a_directory_that_is_gone) {
  make_folder("d");
  __wasi_fd_t folder = opened_folder("d");
  OK(__wasi_path_remove_directory(ROOT, "d"));
  OPENS(NOENT, folder, "a", CREAT, 0);
  IS(NOENT, __wasi_path_create_directory(folder, "e"));
  OK(__wasi_fd_close(folder));
}

BEHAVIOUR(no_file_is_a_terminal) {
  __wasi_fd_t fd = opened("a", CREAT);
  __wasi_fdstat_t stat;
  OK(__wasi_fd_fdstat_get(fd, &stat));
  REQUIRE(stat.fs_filetype != __WASI_FILETYPE_CHARACTER_DEVICE);
}

BEHAVIOUR(no_file_is_a_socket) {
  __wasi_fd_t fd = opened("a", CREAT);
  IS(NOTSOCK, __wasi_sock_shutdown(fd, __WASI_SDFLAGS_RD));
  IS(NOTSOCK, __wasi_sock_shutdown(1, __WASI_SDFLAGS_RD));
  IS(BADF, __wasi_sock_shutdown(1000, __WASI_SDFLAGS_RD));
}
