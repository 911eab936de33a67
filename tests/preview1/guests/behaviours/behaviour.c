#include "behaviour.h"

#include <stdarg.h>

static struct {
  const char *name;
  void (*run)(void);
} behaviours[128];
static size_t count;

void add_behaviour(const char *name, void (*run)(void)) {
  behaviours[count].name = name;
  behaviours[count++].run = run;
}

void stop(const char *file, int line, const char *what) {
  const char *name = strrchr(file, '/');
  printf("%s:%d: %s\n", name ? name + 1 : file, line, what);
  exit(1);
}

void expect(const char *file, int line, const char *call, int got, int wanted) {
  char text[300];
  if (got == wanted) return;
  snprintf(text, sizeof text, "%s: errno %d, not %d", call, got, wanted);
  stop(file, line, text);
}

__wasi_errno_t open_with(__wasi_fd_t dir, int lookup, const char *path, int oflags, __wasi_rights_t rights,
                         int flags, __wasi_fd_t *fd) {
  return __wasi_path_open(dir, lookup, path, oflags, rights, rights, flags, fd);
}

__wasi_fd_t opened(const char *path, int oflags) {
  __wasi_fd_t fd;
  expect("opened", 0, path, open_with(ROOT, 0, path, oflags, RIGHTS, 0, &fd), 0);
  return fd;
}

__wasi_fd_t opened_folder(const char *path) {
  __wasi_fd_t fd;
  __wasi_fdstat_t stat;
  OK(__wasi_fd_fdstat_get(ROOT, &stat));
  OK(__wasi_path_open(ROOT, 0, path, DIRECTORY, stat.fs_rights_base, stat.fs_rights_inheriting, 0, &fd));
  return fd;
}

void make_file(const char *path, const char *content) {
  __wasi_fd_t fd = opened(path, CREAT);
  if (*content) OK(put(fd, content));
  OK(__wasi_fd_close(fd));
}

void make_folder(const char *path) { expect("make_folder", 0, path, __wasi_path_create_directory(ROOT, path), 0); }

__wasi_errno_t put(__wasi_fd_t fd, const char *text) {
  __wasi_size_t written = 0;
  __wasi_ciovec_t vector = {(const uint8_t *)text, strlen(text)};
  __wasi_errno_t errno = __wasi_fd_write(fd, &vector, 1, &written);
  if (!errno) REQUIRE(written == strlen(text));
  return errno;
}

__wasi_errno_t put_at(__wasi_fd_t fd, const char *text, uint64_t offset) {
  __wasi_size_t written = 0;
  __wasi_ciovec_t vector = {(const uint8_t *)text, strlen(text)};
  __wasi_errno_t errno = __wasi_fd_pwrite(fd, &vector, 1, offset, &written);
  if (!errno) REQUIRE(written == strlen(text));
  return errno;
}

int holds(__wasi_fd_t fd, uint64_t offset, const char *text) {
  char buffer[256];
  __wasi_size_t size;
  __wasi_iovec_t vector = {(uint8_t *)buffer, sizeof buffer};
  OK(__wasi_fd_pread(fd, &vector, 1, offset, &size));
  return size == strlen(text) && !memcmp(buffer, text, size);
}

size_t got(__wasi_fd_t fd, char *buffer, size_t size) {
  __wasi_size_t read;
  __wasi_iovec_t vector = {(uint8_t *)buffer, size};
  OK(__wasi_fd_read(fd, &vector, 1, &read));
  return read;
}

__wasi_filestat_t stat_of(__wasi_fd_t fd) {
  __wasi_filestat_t stat;
  OK(__wasi_fd_filestat_get(fd, &stat));
  return stat;
}

__wasi_filestat_t stat_at(const char *path, int lookup) {
  __wasi_filestat_t stat;
  expect("stat_at", 0, path, __wasi_path_filestat_get(ROOT, lookup, path, &stat), 0);
  return stat;
}

uint64_t position(__wasi_fd_t fd) {
  __wasi_filesize_t at;
  OK(__wasi_fd_tell(fd, &at));
  return at;
}

int main(int argc, char **argv) {
  for (size_t i = 0; i < count; i++) {
    if (argc > 1 && strcmp(argv[1], behaviours[i].name)) continue;
    behaviours[i].run();
    if (argc > 1) return 0;
  }
  puts("no such behaviour");
  return 2;
}
