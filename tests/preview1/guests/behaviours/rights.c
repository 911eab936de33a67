// Rights, which only become less.
#include "behaviour.h"

BEHAVIOUR(rights_only_become_less) {
  __wasi_fdstat_t stat;
  __wasi_size_t size;
  __wasi_iovec_t vector = {(uint8_t *)&(char){0}, 1};
  __wasi_fd_t fd = opened("a", CREAT);
  OK(put(fd, "x"));
  OK(__wasi_fd_fdstat_get(fd, &stat));
  OK(__wasi_fd_fdstat_set_rights(fd, stat.fs_rights_base & ~(READ | WRITE), 0));
  IS(BADF, put(fd, "x"));
  IS(BADF, __wasi_fd_pread(fd, &vector, 1, 0, &size));
  IS(NOTCAPABLE, __wasi_fd_fdstat_set_rights(fd, stat.fs_rights_base, 0));
  OK(__wasi_fd_fdstat_get(fd, &stat));
  REQUIRE(!(stat.fs_rights_base & (READ | WRITE)) && (stat.fs_rights_base & __WASI_RIGHTS_FD_SEEK));
}

BEHAVIOUR(without_the_right_to_truncate) {
  __wasi_fdstat_t stat;
  make_file("a", "x");
  __wasi_fd_t dir = opened_folder(".");
  OK(__wasi_fd_fdstat_get(dir, &stat));
  stat.fs_rights_inheriting &= ~__WASI_RIGHTS_FD_FILESTAT_SET_SIZE;
  OK(__wasi_fd_fdstat_set_rights(dir, stat.fs_rights_base, stat.fs_rights_inheriting));
  OPENS(SUCCESS, dir, "a", TRUNC, 0);
  stat.fs_rights_base &= ~__WASI_RIGHTS_PATH_FILESTAT_SET_SIZE;
  OK(__wasi_fd_fdstat_set_rights(dir, stat.fs_rights_base, stat.fs_rights_inheriting));
  OPENS(NOTCAPABLE, dir, "a", TRUNC, 0);
}

BEHAVIOUR(what_a_directory_does_not_pass_on_is_not_had) {
  __wasi_fdstat_t stat;
  __wasi_fd_t fd, dir = opened_folder(".");
  OK(__wasi_fd_fdstat_get(dir, &stat));
  OK(__wasi_fd_fdstat_set_rights(dir, stat.fs_rights_base, READ));
  OK(open_with(dir, 0, "a", CREAT, RIGHTS, 0, &fd));
  OK(__wasi_fd_fdstat_get(fd, &stat));
  REQUIRE(stat.fs_rights_base == READ);
  IS(BADF, put(fd, "x"));
}
