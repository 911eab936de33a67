// The tools that work on names: cat, cp, echo, ls, mkdir, mv, rm.
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tools.h"

static int copy(FILE *from, void *to) {
  char buffer[65536];
  size_t size;
  while ((size = fread(buffer, 1, sizeof buffer, from)))
    if (fwrite(buffer, 1, size, to) != size) return 1;
  return ferror(from);
}

int cat(int argc, char **argv, FILE *in, FILE *out) { return each_input(argc, argv, in, copy, out); }

int echo(int argc, char **argv, FILE *in, FILE *out) {
  (void)in;
  for (int i = 1; i < argc; i++) fprintf(out, i + 1 < argc ? "%s " : "%s", argv[i]);
  fputs("\n", out);
  return 0;
}

static int is_directory(const char *path) {
  struct stat found;
  return !stat(path, &found) && S_ISDIR(found.st_mode);
}

// Where a file goes that is copied or moved to `path`: into it, where that is a directory.
static const char *destination(const char *from, const char *path, char *joined) {
  const char *name = strrchr(from, '/');
  if (!is_directory(path)) return path;
  snprintf(joined, PATH_MAX, "%s/%s", path, name ? name + 1 : from);
  return joined;
}

static int copy_file(const char *from, const char *path) {
  char joined[PATH_MAX];
  const char *to = destination(from, path, joined);
  FILE *source = fopen(from, "r");
  if (!source) return failed("cp", from);
  FILE *target = fopen(to, "w");
  int code = !target || copy(source, target) ? failed("cp", to) : 0;
  if (target && fclose(target)) code = failed("cp", to);
  fclose(source);
  return code;
}

static int move_file(const char *from, const char *path) {
  char joined[PATH_MAX];
  const char *to = destination(from, path, joined);
  return rename(from, to) ? failed("mv", from) : 0;
}

static int to_last(int argc, char **argv, int (*each)(const char *, const char *)) {
  int code = 0;
  if (argc < 3 || (argc > 3 && !is_directory(argv[argc - 1]))) {
    fprintf(stderr, "%s: FROM TO, or FILES... DIRECTORY\n", argv[0]);
    return 2;
  }
  for (int i = 1; i < argc - 1; i++) code |= each(argv[i], argv[argc - 1]);
  return code;
}

int cp(int argc, char **argv, FILE *in, FILE *out) {
  (void)in, (void)out;
  return to_last(argc, argv, copy_file);
}

int mv(int argc, char **argv, FILE *in, FILE *out) {
  (void)in, (void)out;
  return to_last(argc, argv, move_file);
}

int mkdirs(int argc, char **argv, FILE *in, FILE *out) {
  int code = 0;
  (void)in, (void)out;
  for (int i = 1; i < argc; i++)
    if (mkdir(argv[i], 0777)) code = failed("mkdir", argv[i]);
  return code;
}

int rm(int argc, char **argv, FILE *in, FILE *out) {
  int code = 0;
  struct stat found;
  (void)in, (void)out;
  for (int i = 1; i < argc; i++) {
    int gone = !lstat(argv[i], &found) && S_ISDIR(found.st_mode) ? rmdir(argv[i]) : unlink(argv[i]);
    if (gone) code = failed("rm", argv[i]);
  }
  return code;
}

static void show(const char *path, const char *name, int whole, FILE *out) {
  struct stat found;
  char when[32], target[PATH_MAX];
  if (!whole || lstat(path, &found)) {
    fprintf(out, "%s\n", name);
    return;
  }
  strftime(when, sizeof when, "%Y-%m-%d %H:%M", gmtime(&found.st_mtim.tv_sec));
  char kind = S_ISDIR(found.st_mode) ? 'd' : S_ISLNK(found.st_mode) ? 'l' : '-';
  fprintf(out, "%c %10lld %s %s", kind, (long long)found.st_size, when, name);
  ssize_t length = kind == 'l' ? readlink(path, target, sizeof target) : -1;
  if (length >= 0) fprintf(out, " -> %.*s", (int)length, target);
  fputs("\n", out);
}

static int shown(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static int list(const char *path, int whole, FILE *out) {
  struct dirent **entries;
  char joined[PATH_MAX];
  if (!is_directory(path)) {
    struct stat found;
    if (lstat(path, &found)) return failed("ls", path);
    show(path, path, whole, out);
    return 0;
  }
  int count = scandir(path, &entries, shown, alphasort);
  if (count < 0) return failed("ls", path);
  for (int i = 0; i < count; i++) {
    snprintf(joined, sizeof joined, "%s/%s", path, entries[i]->d_name);
    show(joined, entries[i]->d_name, whole, out);
    free(entries[i]);
  }
  free(entries);
  return 0;
}

int ls(int argc, char **argv, FILE *in, FILE *out) {
  int code = 0, whole = argc > 1 && !strcmp(argv[1], "-l");
  (void)in;
  if (argc == 1 + whole) return list(".", whole, out);
  for (int i = 1 + whole; i < argc; i++) {
    if (argc > 2 + whole) fprintf(out, "%s:\n", argv[i]);
    code |= list(argv[i], whole, out);
  }
  return code;
}
