// The times of files and names.
#include "behaviour.h"

enum {
  ATIM = __WASI_FSTFLAGS_ATIM,
  ATIM_NOW = __WASI_FSTFLAGS_ATIM_NOW,
  MTIM = __WASI_FSTFLAGS_MTIM,
  MTIM_NOW = __WASI_FSTFLAGS_MTIM_NOW,
};
#define SECOND UINT64_C(1000000000)

BEHAVIOUR(times_of_a_file) {
  __wasi_fd_t fd = opened("a", CREAT);
  OK(__wasi_fd_filestat_set_size(fd, 100));
  OK(__wasi_fd_filestat_set_times(fd, 5 * SECOND + 7, 6 * SECOND + 8, ATIM | MTIM));
  __wasi_filestat_t stat = stat_of(fd);
  REQUIRE(stat.atim == 5 * SECOND + 7 && stat.mtim == 6 * SECOND + 8 && stat.size == 100);
  OK(__wasi_fd_filestat_set_times(fd, 9 * SECOND, 9 * SECOND, MTIM));
  stat = stat_of(fd);
  REQUIRE(stat.atim == 5 * SECOND + 7 && stat.mtim == 9 * SECOND);
  OK(__wasi_fd_filestat_set_times(fd, 0, 0, ATIM_NOW));
  stat = stat_of(fd);
  REQUIRE(stat.atim > 1000000000 * SECOND && stat.mtim == 9 * SECOND);
  OK(__wasi_fd_filestat_set_times(fd, 1, 1, MTIM_NOW | ATIM));
  stat = stat_of(fd);
  REQUIRE(stat.atim == 1 && stat.mtim > 1000000000 * SECOND);
  OK(__wasi_fd_filestat_set_times(fd, 2, 2, 0));
  REQUIRE(stat_of(fd).atim == 1);
}

BEHAVIOUR(times_of_a_name) {
  make_file("a", "");
  uint64_t before = stat_at("a", 0).mtim;
  OK(__wasi_path_filestat_set_times(ROOT, 0, "a", 0, before - 100, MTIM));
  REQUIRE(stat_at("a", 0).mtim == before - 100);
  IS(NOENT, __wasi_path_filestat_set_times(ROOT, 0, "b", 0, 0, MTIM));
  OK(__wasi_path_filestat_set_times(ROOT, 0, ".", 1, 2, ATIM | MTIM));
  REQUIRE(stat_of(ROOT).mtim == 2);
  OK(__wasi_fd_filestat_set_times(ROOT, 3, 4, ATIM | MTIM));
  REQUIRE(stat_of(ROOT).mtim == 4);
}

BEHAVIOUR(times_that_contradict_each_other) {
  __wasi_fd_t fd = opened("a", CREAT);
  IS(INVAL, __wasi_fd_filestat_set_times(fd, 1, 2, MTIM | MTIM_NOW));
  IS(INVAL, __wasi_fd_filestat_set_times(fd, 1, 2, ATIM | ATIM_NOW));
  IS(INVAL, __wasi_path_filestat_set_times(ROOT, 0, "a", 1, 2, MTIM | MTIM_NOW));
  IS(INVAL, __wasi_path_filestat_set_times(ROOT, 0, "a", 1, 2, ATIM | ATIM_NOW));
  REQUIRE(stat_of(fd).mtim > 2);
}

BEHAVIOUR(times_of_a_link) {
  make_file("f", "");
  OK(__wasi_path_symlink("f", ROOT, "l"));
  uint64_t file = stat_at("f", 0).mtim, link = stat_at("l", 0).mtim;
  OK(__wasi_path_filestat_set_times(ROOT, 0, "l", 0, link - 200, MTIM));
  REQUIRE(stat_at("l", 0).mtim == link - 200 && stat_at("f", 0).mtim == file);
  REQUIRE(stat_at("l", FOLLOW).mtim == file);
  OK(__wasi_path_filestat_set_times(ROOT, FOLLOW, "l", 0, 7, MTIM));
  REQUIRE(stat_at("f", 0).mtim == 7 && stat_at("l", 0).mtim == link - 200);
}

BEHAVIOUR(writing_moves_the_time) {
  __wasi_fd_t fd = opened("a", CREAT);
  OK(__wasi_fd_filestat_set_times(fd, 1, 1, ATIM | MTIM));
  OK(put(fd, "x"));
  REQUIRE(stat_of(fd).mtim > 1);
  OK(__wasi_fd_filestat_set_times(fd, 1, 1, ATIM | MTIM));
  OK(__wasi_fd_filestat_set_size(fd, 0));
  REQUIRE(stat_of(fd).mtim > 1);
  OK(__wasi_fd_filestat_set_times(ROOT, 1, 1, ATIM | MTIM));
  make_file("b", "");
  REQUIRE(stat_of(ROOT).mtim > 1);
}
