// One operation on files for each command, and how it failed: "ERRNO NAME" by the number that libc has.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int failed(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

static int copy(int from, int to) {
  char buffer[4096];
  for (;;) {
    ssize_t n = read(from, buffer, sizeof buffer);
    if (n < 0) return failed("read");
    if (n == 0) return 0;
    if (write(to, buffer, n) != n) return failed("write");
  }
}

static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static int list(const char *path) {
  static char *names[5000];
  size_t count = 0;
  DIR *dir = opendir(path);
  if (!dir) return failed("opendir");
  for (struct dirent *entry; (entry = readdir(dir));) names[count++] = strdup(entry->d_name);
  closedir(dir);
  qsort(names, count, sizeof *names, compare);
  for (size_t i = 0; i < count; i++) puts(names[i]);
  return 0;
}

int main(int argc, char **argv) {
  const char *command = argc > 1 ? argv[1] : "";
  const char *path = argc > 2 ? argv[2] : "";
  const char *other = argc > 3 ? argv[3] : "";
  struct stat found;
  if (!strcmp(command, "cat")) {
    int fd = *path ? open(path, O_RDONLY) : 0;
    return fd < 0 ? failed("open") : copy(fd, 1);
  }
  if (!strcmp(command, "cp")) {
    int from = open(path, O_RDONLY);
    if (from < 0) return failed("open");
    int to = open(other, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    return to < 0 ? failed("create") : copy(from, to);
  }
  if (!strcmp(command, "append")) {
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (fd < 0) return failed("open");
    if (write(fd, other, strlen(other)) < 0) return failed("write");
    printf("at %lld\n", (long long)lseek(fd, 0, SEEK_CUR));
    return close(fd) ? failed("close") : 0;
  }
  if (!strcmp(command, "write-to-a-reader")) {
    int fd = open(path, O_RDONLY);
    return write(fd, "x", 1) < 0 ? failed("write") : 0;
  }
  if (!strcmp(command, "seek")) {
    char byte;
    int fd = open(path, O_RDWR);
    if (fd < 0) return failed("open");
    printf("end %lld\n", (long long)lseek(fd, 0, SEEK_END));
    printf("back %lld\n", (long long)lseek(fd, -2, SEEK_CUR));
    if (read(fd, &byte, 1) != 1) return failed("read");
    printf("read %c\n", byte);
    if (pread(fd, &byte, 1, 0) != 1) return failed("pread");
    printf("first %c, at %lld\n", byte, (long long)lseek(fd, 0, SEEK_CUR));
    if (pwrite(fd, "!", 1, 0) != 1) return failed("pwrite");
    if (ftruncate(fd, 3)) return failed("ftruncate");
    if (lseek(fd, -1, SEEK_SET) >= 0) return 1;
    return failed("before the beginning");
  }
  if (!strcmp(command, "ls")) return list(path);
  if (!strcmp(command, "stat")) {
    if (lstat(path, &found)) return failed("stat");
    const char *kind = S_ISDIR(found.st_mode) ? "directory" : S_ISLNK(found.st_mode) ? "link" : "file";
    printf("%s of %lld\n", kind, (long long)found.st_size);
    return 0;
  }
  if (!strcmp(command, "mkdir")) return mkdir(path, 0777) ? failed("mkdir") : 0;
  if (!strcmp(command, "rmdir")) return rmdir(path) ? failed("rmdir") : 0;
  if (!strcmp(command, "rm")) return unlink(path) ? failed("unlink") : 0;
  if (!strcmp(command, "mv")) return rename(path, other) ? failed("rename") : 0;
  if (!strcmp(command, "ln")) return link(path, other) ? failed("link") : 0;
  if (!strcmp(command, "symlink")) return symlink(path, other) ? failed("symlink") : 0;
  if (!strcmp(command, "readlink")) {
    char target[256];
    ssize_t size = readlink(path, target, sizeof target);
    if (size < 0) return failed("readlink");
    printf("%.*s\n", (int)size, target);
    return 0;
  }
  if (!strcmp(command, "touch")) {
    struct timespec times[2] = {{1, 5}, {2, 7}};
    if (utimensat(AT_FDCWD, path, times, 0)) return failed("utimensat");
    if (stat(path, &found)) return failed("stat");
    printf("%lld %lld\n", (long long)found.st_atim.tv_sec, (long long)found.st_mtim.tv_sec);
    return 0;
  }
  if (!strcmp(command, "many")) {
    for (int i = 0; i < 1000; i++) {
      int fd = open(path, O_RDONLY);
      if (fd < 0) return failed("open");
      if (close(fd)) return failed("close");
    }
    return 0;
  }
  puts("no such command");
  return 2;
}
