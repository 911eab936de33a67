// ls, cat, cp, mv and the like in one module: `tools.wasm NAME [ARGS]`. `sh` is a shell over the others.
#include "tools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name;
  Tool *run;
} tools[] = {
    {"cat", cat}, {"cp", cp}, {"echo", echo},  {"ls", ls},     {"mkdir", mkdirs},
    {"mv", mv},   {"rm", rm}, {"sh", shell},   {"sort", sort}, {"wc", wc},
};

int run_tool(int argc, char **argv, FILE *in, FILE *out) {
  for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
    if (!strcmp(argv[0], tools[i].name)) return tools[i].run(argc, argv, in, out);
  fprintf(stderr, "%s: no such tool\n", argv[0]);
  return 127;
}

int failed(const char *tool, const char *path) {
  fprintf(stderr, "%s: %s: %s\n", tool, path, strerror(errno));
  return 1;
}

int each_input(int argc, char **argv, FILE *in, int (*each)(FILE *input, void *), void *with) {
  int code = 0;
  if (argc < 2) return each(in, with);
  for (int i = 1; i < argc; i++) {
    FILE *input = strcmp(argv[i], "-") ? fopen(argv[i], "r") : in;
    if (!input) {
      code = failed(argv[0], argv[i]);
      continue;
    }
    if (each(input, with)) code = failed(argv[0], argv[i]);
    if (input != in) fclose(input);
  }
  return code;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fputs("usage: tools.wasm NAME [ARGS]\ntools:", stderr);
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) fprintf(stderr, " %s", tools[i].name);
    fputs("\n", stderr);
    return 2;
  }
  int code = run_tool(argc - 1, argv + 1, stdin, stdout);
  return fflush(stdout) ? failed(argv[1], "standard output") : code;
}
