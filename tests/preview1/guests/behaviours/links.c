// Symbolic links, and hard ones.
#include "behaviour.h"

BEHAVIOUR(links_are_followed_when_asked) {
  __wasi_fd_t fd;
  make_file("f", "x");
  make_folder("d");
  OK(__wasi_path_symlink("f", ROOT, "to-f"));
  OK(__wasi_path_symlink("d", ROOT, "to-d"));
  OK(open_with(ROOT, FOLLOW, "to-f", 0, READ, 0, &fd));
  REQUIRE(holds(fd, 0, "x"));
  OK(open_with(ROOT, FOLLOW, "to-d", DIRECTORY, 0, 0, &fd));
  IS(NOTDIR, open_with(ROOT, FOLLOW, "to-f", DIRECTORY, 0, 0, &fd));
  OPENS(LOOP, ROOT, "to-f", 0, 0);
  OPENS(LOOP, ROOT, "to-d", 0, 0);
  OPENS(NOTDIR, ROOT, "to-d", DIRECTORY, 0);
  OPENS(NOTDIR, ROOT, "to-f", DIRECTORY, 0);
  OK(open_with(ROOT, FOLLOW, "to-f", TRUNC, WRITE, 0, &fd));
  REQUIRE(stat_at("f", 0).size == 0);
}

BEHAVIOUR(a_link_with_a_slash_is_its_directory) {
  make_folder("d");
  make_file("d/f", "");
  OK(__wasi_path_symlink("d", ROOT, "to-d"));
  OPENS(SUCCESS, ROOT, "to-d/", 0, 0);
  OPENS(SUCCESS, ROOT, "to-d/f", 0, 0);
  REQUIRE(stat_at("to-d/", 0).filetype == __WASI_FILETYPE_DIRECTORY);
}

BEHAVIOUR(dangling_links) {
  __wasi_fd_t fd;
  OK(__wasi_path_symlink("none", ROOT, "l"));
  OPENS(NOTDIR, ROOT, "l", DIRECTORY, 0);
  OPENS(LOOP, ROOT, "l", 0, 0);
  IS(NOENT, open_with(ROOT, FOLLOW, "l", 0, 0, 0, &fd));
  IS(EXIST, __wasi_path_create_directory(ROOT, "l"));
  OK(open_with(ROOT, FOLLOW, "l", CREAT, RIGHTS, 0, &fd));  // makes what it leads to
  REQUIRE(stat_at("none", 0).filetype == __WASI_FILETYPE_REGULAR_FILE);
  OK(__wasi_path_unlink_file(ROOT, "l"));
}

BEHAVIOUR(loops_of_links) {
  __wasi_filestat_t stat;
  OK(__wasi_path_symlink("l", ROOT, "l"));
  OPENS(LOOP, ROOT, "l", 0, 0);
  IS(LOOP, open_with(ROOT, FOLLOW, "l", 0, 0, 0, &(__wasi_fd_t){0}));
  OPENS(LOOP, ROOT, "l/a", 0, 0);
  IS(LOOP, __wasi_path_filestat_get(ROOT, FOLLOW, "l", &stat));
  REQUIRE(stat_at("l", 0).filetype == __WASI_FILETYPE_SYMBOLIC_LINK);
  OK(__wasi_path_symlink("there", ROOT, "here"));
  OK(__wasi_path_symlink("here", ROOT, "there"));
  IS(LOOP, open_with(ROOT, FOLLOW, "here", 0, 0, 0, &(__wasi_fd_t){0}));
}

BEHAVIOUR(chains_of_links) {
  char name[8], before[8] = "f";
  make_file("f", "");
  for (int i = 0; i < 39; i++) {
    snprintf(name, sizeof name, "l%d", i);
    OK(__wasi_path_symlink(before, ROOT, name));
    memcpy(before, name, sizeof name);
  }
  REQUIRE(stat_at("l38", FOLLOW).filetype == __WASI_FILETYPE_REGULAR_FILE);
}

BEHAVIOUR(making_links) {
  make_folder("d");
  make_file("f", "");
  IS(NOENT, __wasi_path_symlink("x", ROOT, "l/"));
  IS(EXIST, __wasi_path_symlink("x", ROOT, "d"));
  IS(EXIST, __wasi_path_symlink("x", ROOT, "d/"));
  IS(EXIST, __wasi_path_symlink("x", ROOT, "f"));
  IS(PERM, __wasi_path_symlink("/", ROOT, "l"));
  IS(PERM, __wasi_path_symlink("/etc/passwd", ROOT, "l"));
  IS(NOENT, __wasi_path_symlink("", ROOT, "l"));
  OK(__wasi_path_symlink("x", ROOT, "l"));
  IS(EXIST, __wasi_path_symlink("x", ROOT, "l"));
}

BEHAVIOUR(reading_links) {
  __wasi_size_t size;
  uint8_t buffer[10];
  make_file("f", "");
  OK(__wasi_path_symlink("target", ROOT, "l"));
  memset(buffer, '.', sizeof buffer);
  OK(__wasi_path_readlink(ROOT, "l", buffer, sizeof buffer, &size));
  REQUIRE(size == 6 && !memcmp(buffer, "target....", 10));
  OK(__wasi_path_readlink(ROOT, "l", buffer, 4, &size));
  REQUIRE(size == 4 && !memcmp(buffer, "target....", 10));
  OK(__wasi_path_readlink(ROOT, "l", buffer, 0, &size));
  REQUIRE(size == 0);
  IS(INVAL, __wasi_path_readlink(ROOT, "f", buffer, sizeof buffer, &size));
  IS(NOENT, __wasi_path_readlink(ROOT, "none", buffer, sizeof buffer, &size));
  REQUIRE(stat_at("l", 0).size == 6);
}

BEHAVIOUR(hard_links) {
  make_file("f", "x");
  make_folder("d");
  __wasi_fd_t d = opened_folder("d");
  OK(__wasi_path_link(ROOT, 0, "f", ROOT, "g"));
  OK(__wasi_path_link(ROOT, 0, "f", d, "h"));
  __wasi_filestat_t f = stat_at("f", 0), g = stat_at("g", 0), h = stat_at("d/h", 0);
  REQUIRE(!memcmp(&f, &g, sizeof f) && !memcmp(&f, &h, sizeof f) && f.nlink == 3);
  IS(EXIST, __wasi_path_link(ROOT, 0, "f", ROOT, "g"));
  IS(EXIST, __wasi_path_link(ROOT, 0, "f", ROOT, "f"));
  IS(EXIST, __wasi_path_link(ROOT, 0, "f", ROOT, "d"));
  IS(PERM, __wasi_path_link(ROOT, 0, "d", ROOT, "e"));
  IS(NOENT, __wasi_path_link(ROOT, 0, "f", ROOT, "e/"));
  IS(NOTDIR, __wasi_path_link(ROOT, 0, "f/", ROOT, "e"));
  OK(__wasi_path_unlink_file(ROOT, "f"));
  REQUIRE(stat_at("g", 0).nlink == 2);
}

BEHAVIOUR(hard_links_to_links) {
  make_file("f", "");
  OK(__wasi_path_symlink("none", ROOT, "l"));
  OK(__wasi_path_link(ROOT, 0, "l", ROOT, "m"));
  REQUIRE(stat_at("m", 0).filetype == __WASI_FILETYPE_SYMBOLIC_LINK && stat_at("m", 0).ino == stat_at("l", 0).ino);
  IS(EXIST, __wasi_path_link(ROOT, 0, "f", ROOT, "l"));
  IS(INVAL, __wasi_path_link(ROOT, FOLLOW, "l", ROOT, "n"));
  IS(INVAL, __wasi_path_link(ROOT, FOLLOW, "f", ROOT, "n"));
  OK(__wasi_path_symlink("loop", ROOT, "loop"));
  OK(__wasi_path_link(ROOT, 0, "loop", ROOT, "n"));
}

BEHAVIOUR(links_are_renamed_and_unlinked_themselves) {
  make_file("f", "x");
  OK(__wasi_path_symlink("f", ROOT, "l"));
  OK(__wasi_path_rename(ROOT, "l", ROOT, "m"));
  REQUIRE(stat_at("m", 0).filetype == __WASI_FILETYPE_SYMBOLIC_LINK);
  OK(__wasi_path_unlink_file(ROOT, "m"));
  REQUIRE(stat_at("f", 0).size == 1);
  make_folder("d");
  OK(__wasi_path_symlink("d", ROOT, "to-d"));
  IS(NOTDIR, __wasi_path_remove_directory(ROOT, "to-d"));
  OK(__wasi_path_unlink_file(ROOT, "to-d"));
}
