// The twin of command.py: it prints the same.
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *name_of(int error) {
  switch (error) {
    case ENOENT: return "ENOENT";
    case EEXIST: return "EEXIST";
    case ENOTEMPTY: return "ENOTEMPTY";
    case EISDIR: return "EISDIR";
    case ENOTDIR: return "ENOTDIR";
    case ELOOP: return "ELOOP";
    case EINVAL: return "EINVAL";
    case EXDEV: return "EXDEV";
    case EBADF: return "EBADF";
    default: return "refused";
  }
}

static void fails(const char *what, int result) {
  printf("%s %s\n", what, result < 0 ? name_of(errno) : "works");
}

static void must(int result, const char *what) {
  if (result >= 0) return;
  printf("%s: %s\n", what, strerror(errno));
  exit(2);
}

static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static void list(const char *path) {
  char *names[16];
  size_t count = 0;
  DIR *dir = opendir(path);
  must(dir ? 0 : -1, "opendir");
  for (struct dirent *each; (each = readdir(dir));)
    if (strcmp(each->d_name, ".") && strcmp(each->d_name, "..")) names[count++] = strdup(each->d_name);
  closedir(dir);
  qsort(names, count, sizeof *names, compare);
  printf("list");
  for (size_t i = 0; i < count; i++) printf(" %s", names[i]);
  putchar('\n');
}

static void files(const char *root) {
  char text[64] = {0}, target[64] = {0};
  struct stat found;
  must(chdir(root), "chdir");
  must(mkdir("sub", 0777), "mkdir");
  int fd = open("sub/a", O_CREAT | O_WRONLY | O_TRUNC, 0666);
  must(fd, "create");
  must(write(fd, "0123456789", 10), "write");
  close(fd);
  must(fd = open("sub/a", O_RDWR), "open");
  lseek(fd, 4, SEEK_SET);
  must(write(fd, "xy", 2), "write");
  printf("end %d\n", (int)lseek(fd, 0, SEEK_END));
  lseek(fd, 2, SEEK_SET);
  must(read(fd, text, 5), "read");
  printf("read %s\n", text);
  must(ftruncate(fd, 7), "truncate");
  close(fd);
  must(fd = open("sub/a", O_WRONLY | O_APPEND), "append");
  must(write(fd, "!", 1), "append");
  close(fd);
  must(stat("sub/a", &found), "stat");
  printf("size %d\n", (int)found.st_size);
  must(rename("sub/a", "b"), "rename");
  must(link("b", "sub/c"), "link");
  must(symlink("sub/c", "link"), "symlink");
  must(readlink("link", target, sizeof target), "readlink");
  must(fd = open("link", O_RDONLY), "open");
  memset(text, 0, sizeof text);
  must(read(fd, text, sizeof text), "read");
  close(fd);
  printf("link %s %s\n", target, text);
  list(".");
  must(utimensat(AT_FDCWD, "b", (struct timespec[]){{.tv_sec = 5}, {.tv_sec = 7}}, 0), "utimensat");
  must(stat("b", &found), "stat");
  printf("times %d %d\n", (int)found.st_atim.tv_sec, (int)found.st_mtim.tv_sec);
  fails("missing", open("gone", O_RDONLY));
  fails("again", mkdir("sub", 0777));
  fails("full", rmdir("sub"));
  fails("folder", open("sub", O_CREAT | O_WRONLY | O_TRUNC, 0666));
  fails("no folder", open("b/x", O_RDONLY));
  fails("not a link", readlink("b", target, sizeof target));
  fails("above", open("../secret", O_RDONLY));
  fails("root", open("/etc/passwd", O_RDONLY));
  must(symlink("loop", "loop"), "symlink");
  fails("loop", open("loop", O_RDONLY));
  must(unlink("loop") | unlink("link") | unlink("sub/c"), "unlink");
  must(rmdir("sub"), "rmdir");

  size_t size = 256 * 4096, done = 0;
  unsigned char *large = malloc(size), *again = calloc(size, 1);
  for (size_t i = 0; i < size; i++) large[i] = i;
  must(fd = open("large", O_CREAT | O_RDWR, 0666), "large");
  while (done < size) {
    ssize_t n = write(fd, large + done, size - done);
    must(n, "large");
    done += n;
  }
  lseek(fd, 0, SEEK_SET);
  for (done = 0; done < size;) {
    ssize_t n = read(fd, again + done, size - done);
    must(n > 0 ? 0 : -1, "large");
    done += n;
  }
  close(fd);
  printf("large %s\n", memcmp(large, again, size) ? "False" : "True");
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("args");
  for (int i = 1; i < argc; i++) printf(" %s", argv[i]);
  putchar('\n');
  const char *colour = getenv("COLOUR"), *home = getenv("HOME");
  printf("env %s %s\n", colour ? colour : "None", home ? home : "None");
  if (argc > 1) files(argv[1]);

  struct timespec start, now, nap = {.tv_nsec = 2000000};
  clock_gettime(CLOCK_MONOTONIC, &start);
  nanosleep(&nap, NULL);
  clock_gettime(CLOCK_MONOTONIC, &now);
  long long slept = (now.tv_sec - start.tv_sec) * 1000000000LL + now.tv_nsec - start.tv_nsec;
  printf("slept %s %s\n", slept >= 2000000 ? "True" : "False", time(NULL) > 1600000000 ? "True" : "False");
  char one[100], two[100];
  must(getentropy(one, sizeof one) | getentropy(two, sizeof two), "getentropy");
  printf("random 100 %s\n", memcmp(one, two, sizeof one) ? "True" : "False");
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    for (char *c = line; *c; c++) *c = toupper((unsigned char)*c);
    fputs(line, stdout);
  }
  fputs("to the other stream\n", stderr);
  return argc > 2 && !strcmp(argv[2], "fail");
}
