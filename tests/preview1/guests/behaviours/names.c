// What a path leads to.
#include "behaviour.h"

// The calls as the ABI has them: a path of any bytes.
#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))
WASI(path_open) int raw_open(int, int, const char *, int, int, int64_t, int64_t, int, int *);
WASI(path_create_directory) int raw_create_directory(int, const char *, int);

BEHAVIOUR(what_exists_is_not_created_exclusively) {
  make_file("a", "x");
  make_folder("d");
  OPENS(EXIST, ROOT, "a", CREAT | EXCL, 0);
  OPENS(EXIST, ROOT, "d", CREAT | EXCL, 0);
  OK(__wasi_path_symlink("none", ROOT, "l"));
  OPENS(EXIST, ROOT, "l", CREAT | EXCL, 0);
  OPENS(SUCCESS, ROOT, "b", CREAT | EXCL, 0);
  REQUIRE(stat_at("a", 0).size == 1);
}

BEHAVIOUR(what_is_missing) {
  __wasi_filestat_t stat;
  OPENS(NOENT, ROOT, "a", 0, 0);
  OPENS(NOENT, ROOT, "a", DIRECTORY, 0);
  OPENS(NOENT, ROOT, "a/b", CREAT, 0);
  OPENS(NOENT, ROOT, "", 0, 0);
  IS(NOENT, __wasi_path_filestat_get(ROOT, 0, "a", &stat));
  IS(NOENT, __wasi_path_unlink_file(ROOT, "a"));
  IS(NOENT, __wasi_path_remove_directory(ROOT, "a"));
  IS(NOENT, __wasi_path_rename(ROOT, "a", ROOT, "b"));
  IS(NOENT, __wasi_path_link(ROOT, 0, "a", ROOT, "b"));
  IS(NOENT, __wasi_path_create_directory(ROOT, "a/b"));
  IS(NOENT, __wasi_path_symlink("x", ROOT, "a/b"));
}

BEHAVIOUR(a_file_on_the_way) {
  __wasi_filestat_t stat;
  make_file("a", "");
  OPENS(NOTDIR, ROOT, "a/b", 0, 0);
  OPENS(NOTDIR, ROOT, "a/b", CREAT, 0);
  OPENS(NOTDIR, ROOT, "a", DIRECTORY, 0);
  IS(NOTDIR, __wasi_path_filestat_get(ROOT, 0, "a/b", &stat));
  IS(NOTDIR, __wasi_path_create_directory(ROOT, "a/b"));
  IS(NOTDIR, __wasi_path_unlink_file(ROOT, "a/b"));
}

BEHAVIOUR(interesting_paths) {
  make_folder("d");
  make_folder("d/e");
  make_file("d/e/f", "");
  __wasi_fd_t d = opened_folder("d");
  OPENS(SUCCESS, ROOT, "d/.//e/../../d/e/../e///./f", 0, 0);
  OPENS(SUCCESS, ROOT, "d/e/", 0, 0);
  OPENS(SUCCESS, ROOT, "d/e///", 0, 0);
  OPENS(SUCCESS, ROOT, "d/e/.", 0, 0);
  OPENS(SUCCESS, ROOT, "d/e/..", 0, 0);
  OPENS(PERM, ROOT, "/d/e/f", 0, 0);
  OPENS(PERM, ROOT, "..", 0, 0);
  OPENS(PERM, ROOT, "../d", 0, 0);
  OPENS(PERM, ROOT, "d/e/../../../d/e/f", 0, 0);
  OPENS(PERM, d, "../d/e/f", 0, 0);
  OPENS(NOTDIR, ROOT, "d/e/f/", 0, 0);
  OPENS(NOTDIR, ROOT, "d/e/f///", 0, 0);
  OPENS(NOTDIR, ROOT, "d/e/f/.", 0, 0);
  OPENS(NOTDIR, ROOT, "d/e/f/..", 0, 0);
  OPENS(NOENT, ROOT, "d/x/../e/f", 0, 0);
}

BEHAVIOUR(bytes_that_no_path_has) {
  int fd;
  make_file("a", "");
  REQUIRE(raw_open(ROOT, 0, "a\0", 2, 0, 0, 0, 0, &fd) == __WASI_ERRNO_INVAL);
  REQUIRE(raw_open(ROOT, 0, "a\0b", 3, 0, 0, 0, 0, &fd) == __WASI_ERRNO_INVAL);
  REQUIRE(raw_open(ROOT, 0, "\xff", 1, CREAT, 0, 0, 0, &fd) == __WASI_ERRNO_ILSEQ);
  REQUIRE(raw_open(ROOT, 0, "\xed\xa0\x80", 3, CREAT, 0, 0, 0, &fd) == __WASI_ERRNO_ILSEQ);
  REQUIRE(raw_open(ROOT, 0, "\xc0\xaf", 2, CREAT, 0, 0, 0, &fd) == __WASI_ERRNO_ILSEQ);
  REQUIRE(raw_create_directory(ROOT, "d\0", 2) == __WASI_ERRNO_INVAL);
  REQUIRE(raw_create_directory(ROOT, "\x80", 1) == __WASI_ERRNO_ILSEQ);
}

BEHAVIOUR(names_of_any_language) {
  const char *names[] = {"Grüße", "действие", "日本語", "🦀", "a b\tc\nd", "e\u0301", "é", "\\", "*"};
  for (int i = 0; i < 9; i++) make_file(names[i], "");
  for (int i = 0; i < 9; i++) {
    REQUIRE(stat_at(names[i], 0).filetype == __WASI_FILETYPE_REGULAR_FILE);
    OK(__wasi_path_unlink_file(ROOT, names[i]));
  }
}

BEHAVIOUR(long_names) {
  static char name[5000];
  __wasi_filestat_t stat;
  memset(name, 'a', 255);
  OK(__wasi_path_create_directory(ROOT, name));
  memset(name, 'a', 256);
  IS(NAMETOOLONG, __wasi_path_create_directory(ROOT, name));
  IS(NAMETOOLONG, __wasi_path_filestat_get(ROOT, 0, name, &stat));
  for (int i = 0; i < 4998; i += 2) memcpy(name + i, "./", 2);
  IS(NAMETOOLONG, __wasi_path_filestat_get(ROOT, 0, name, &stat));
}

BEHAVIOUR(making_directories) {
  make_folder("d");
  make_file("a", "");
  IS(EXIST, __wasi_path_create_directory(ROOT, "d"));
  IS(EXIST, __wasi_path_create_directory(ROOT, "a"));
  OK(__wasi_path_create_directory(ROOT, "e/"));
  OK(__wasi_path_create_directory(ROOT, "d/d"));
  REQUIRE(stat_at("e", 0).filetype == __WASI_FILETYPE_DIRECTORY);
}

BEHAVIOUR(removing_directories) {
  make_folder("d");
  make_folder("d/e");
  make_file("a", "");
  IS(NOTEMPTY, __wasi_path_remove_directory(ROOT, "d"));
  OK(__wasi_path_remove_directory(ROOT, "d/e"));
  OK(__wasi_path_remove_directory(ROOT, "d/"));
  IS(NOENT, __wasi_path_remove_directory(ROOT, "d"));
  IS(NOTDIR, __wasi_path_remove_directory(ROOT, "a"));
  IS(NOTDIR, __wasi_path_remove_directory(ROOT, "a/"));
}

BEHAVIOUR(unlinking_files) {
  make_folder("d");
  make_file("a", "");
  IS(ISDIR, __wasi_path_unlink_file(ROOT, "d"));
  IS(ISDIR, __wasi_path_unlink_file(ROOT, "d/"));
  IS(NOTDIR, __wasi_path_unlink_file(ROOT, "a/"));
  OK(__wasi_path_unlink_file(ROOT, "a"));
  IS(NOENT, __wasi_path_unlink_file(ROOT, "a"));
}

BEHAVIOUR(renaming_directories) {
  make_folder("a");
  OK(__wasi_path_rename(ROOT, "a", ROOT, "b"));
  OPENS(NOENT, ROOT, "a", DIRECTORY, 0);
  OPENS(SUCCESS, ROOT, "b", DIRECTORY, 0);
  make_folder("a");
  OK(__wasi_path_rename(ROOT, "a", ROOT, "b"));  // onto an empty one
  make_folder("a");
  make_file("b/f", "");
  IS(NOTEMPTY, __wasi_path_rename(ROOT, "a", ROOT, "b"));
  IS(NOTDIR, __wasi_path_rename(ROOT, "a", ROOT, "b/f"));
  IS(INVAL, __wasi_path_rename(ROOT, "b", ROOT, "b/c"));  // into itself
  OK(__wasi_path_rename(ROOT, "b", ROOT, "a/b"));
  REQUIRE(stat_at("a/b/f", 0).filetype == __WASI_FILETYPE_REGULAR_FILE);
}

BEHAVIOUR(renaming_files) {
  make_folder("d");
  make_file("a", "a");
  make_file("b", "bb");
  OK(__wasi_path_rename(ROOT, "a", ROOT, "a"));
  OK(__wasi_path_rename(ROOT, "a", ROOT, "b"));
  OPENS(NOENT, ROOT, "a", 0, 0);
  REQUIRE(stat_at("b", 0).size == 1);
  IS(ISDIR, __wasi_path_rename(ROOT, "b", ROOT, "d"));
  __wasi_fd_t d = opened_folder("d");
  OK(__wasi_path_rename(ROOT, "b", d, "c"));
  REQUIRE(stat_at("d/c", 0).size == 1);
}

BEHAVIOUR(renaming_with_slashes) {
  make_folder("a");
  OK(__wasi_path_rename(ROOT, "a/", ROOT, "b"));
  OK(__wasi_path_rename(ROOT, "b", ROOT, "a/"));
  OK(__wasi_path_rename(ROOT, "a/", ROOT, "b/"));
  make_file("f", "");
  IS(NOTDIR, __wasi_path_rename(ROOT, "f/", ROOT, "g"));
  IS(NOTDIR, __wasi_path_rename(ROOT, "f", ROOT, "g/"));
}

BEHAVIOUR(opening_with_slashes) {
  make_file("a", "");
  OPENS(ISDIR, ROOT, "b/", CREAT, 0);
  OPENS(NOTDIR, ROOT, "a/", 0, 0);
  OPENS(NOTDIR, ROOT, "a/", DIRECTORY, 0);
  make_folder("d");
  OPENS(SUCCESS, ROOT, "d/", DIRECTORY, 0);
  OPENS(ISDIR, ROOT, "d", CREAT, WRITE);
  OPENS(INVAL, ROOT, "d", CREAT | DIRECTORY, 0);
}

BEHAVIOUR(what_is_there) {
  make_folder("d");
  make_file("d/f", "");
  OK(__wasi_path_symlink("d/f", ROOT, "to-f"));
  OK(__wasi_path_symlink("d", ROOT, "to-d"));
  for (int follow = 0; follow < 2; follow++) {
    REQUIRE(stat_at("d", follow).filetype == __WASI_FILETYPE_DIRECTORY);
    REQUIRE(stat_at("d/f", follow).filetype == __WASI_FILETYPE_REGULAR_FILE);
    REQUIRE(stat_at("to-d/f", follow).filetype == __WASI_FILETYPE_REGULAR_FILE);
  }
  REQUIRE(stat_at("to-f", 0).filetype == __WASI_FILETYPE_SYMBOLIC_LINK);
  REQUIRE(stat_at("to-f", FOLLOW).filetype == __WASI_FILETYPE_REGULAR_FILE);
  REQUIRE(stat_at("to-d", 0).filetype == __WASI_FILETYPE_SYMBOLIC_LINK);
  REQUIRE(stat_at("to-d", FOLLOW).filetype == __WASI_FILETYPE_DIRECTORY);
}
