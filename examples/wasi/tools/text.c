// The tools that work on text: sort, wc.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tools.h"

typedef struct {
  char **lines;
  size_t count, room;
} Lines;

static int read_lines(FILE *input, void *with) {
  Lines *all = with;
  char *line = NULL;
  size_t room = 0;
  for (ssize_t size; (size = getline(&line, &room, input)) >= 0;) {
    if (size && line[size - 1] == '\n') line[size - 1] = 0;
    if (all->count == all->room) {
      all->room = all->room ? 2 * all->room : 64;
      all->lines = realloc(all->lines, all->room * sizeof *all->lines);
      if (!all->lines) abort();
    }
    all->lines[all->count++] = strdup(line);
  }
  free(line);
  return ferror(input);
}

static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }
static int reversed(const void *a, const void *b) { return compare(b, a); }

int sort(int argc, char **argv, FILE *in, FILE *out) {
  Lines all = {0};
  int backwards = argc > 1 && !strcmp(argv[1], "-r");
  char *name = argv[0];
  if (backwards) argv++, argc--, argv[0] = name;
  int code = each_input(argc, argv, in, read_lines, &all);
  qsort(all.lines, all.count, sizeof *all.lines, backwards ? reversed : compare);
  for (size_t i = 0; i < all.count; i++) {
    fprintf(out, "%s\n", all.lines[i]);
    free(all.lines[i]);
  }
  free(all.lines);
  return code;
}

typedef struct {
  size_t lines, words, bytes;
} Counts;

static int count(FILE *input, void *with) {
  Counts *counts = with;
  int in_word = 0;
  for (int byte; (byte = getc(input)) != EOF; counts->bytes++) {
    counts->lines += byte == '\n';
    counts->words += !in_word && !isspace(byte);
    in_word = !isspace(byte);
  }
  return ferror(input);
}

int wc(int argc, char **argv, FILE *in, FILE *out) {
  Counts counts = {0};
  int code = each_input(argc, argv, in, count, &counts);
  fprintf(out, "%zu %zu %zu\n", counts.lines, counts.words, counts.bytes);
  return code;
}
