// A program of 2019: wasi_unstable's own numbers and layouts, as its C headers had them. Its libc is of today.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CUR, END, SET };
struct filestat {
  uint64_t device, inode;
  uint8_t type;
  uint32_t links;
  uint64_t size, accessed, modified, changed;
};
struct subscription {
  uint64_t user;
  uint8_t type;
  union {
    struct { uint64_t identifier; uint32_t clock; uint64_t timeout, precision; uint16_t flags; } clock;
    struct { uint32_t fd; } fd;
  } u;
};
struct event {
  uint64_t user;
  uint16_t error;
  uint8_t type;
  struct { uint64_t bytes; uint16_t flags; } fd;
};

#define OLD(name) __attribute__((import_module("wasi_unstable"), import_name(#name))) extern int32_t old_##name
OLD(fd_seek)(int32_t fd, int64_t offset, int32_t whence, uint64_t *position);
OLD(fd_filestat_get)(int32_t fd, struct filestat *into);
OLD(path_filestat_get)(int32_t fd, int32_t flags, const char *path, size_t size, struct filestat *into);
OLD(poll_oneoff)(const struct subscription *in, struct event *out, size_t count, size_t *used);

int main(void) {
  int fd = open("/data/a", O_CREAT | O_RDWR, 0666);
  if (fd < 0 || write(fd, "hello world", 11) != 11) return 1;
  uint64_t at = 0;
  const struct { int64_t offset; int whence; } moves[] = {{6, SET}, {-2, CUR}, {-1, END}, {0, CUR}};
  for (int i = 0; i < 4; i++) {
    if (old_fd_seek(fd, moves[i].offset, moves[i].whence, &at)) return 2;
    printf("at %d\n", (int)at);
  }
  link("/data/a", "/data/b");
  struct stat now;
  struct filestat then, named;
  if (fstat(fd, &now) || old_fd_filestat_get(fd, &then)) return 3;
  if (old_path_filestat_get(3, 1, "b", 1, &named)) return 4;
  printf("%d bytes, %d links, type %d\n", (int)then.size, (int)then.links, then.type);
  uint64_t changed = now.st_ctim.tv_sec * 1000000000ull + now.st_ctim.tv_nsec;
  printf("%s\n", then.inode == now.st_ino && then.changed == changed && !memcmp(&then, &named, sizeof then)
                     ? "the same as today's" : "another");
  struct subscription waits[2] = {{.user = 7, .type = 0}, {.user = 8, .type = 1, .u.fd.fd = (uint32_t)fd}};
  waits[0].u.clock.clock = 1;
  waits[0].u.clock.timeout = 3600ull * 1000000000;
  struct event events[2];
  size_t used = 0;
  if (old_poll_oneoff(waits, events, 2, &used)) return 5;
  printf("%d event, of %d: %d bytes\n", (int)used, (int)events[0].user, (int)events[0].fd.bytes);
  waits[0].u.clock.timeout = 1000;
  if (old_poll_oneoff(waits, events, 1, &used)) return 6;
  printf("%d event, of %d, type %d\n", (int)used, (int)events[0].user, events[0].type);
  return 0;
}
