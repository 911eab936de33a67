// A shell without processes: what a tool writes is kept until the next of its pipe reads it.
//
//   sh -c 'COMMANDS', sh SCRIPT, or commands on standard input. Words may be quoted, '' as they are, "" with
//   $NAME. Lines hold commands with `;`, `&&`, `||`, pipes, and < > >>. `cd`, `pwd`, `exit` are its own.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools.h"

enum { WORDS = 64, TEXT = 4096 };

typedef struct {
  char *words[WORDS + 1], *input, *output;
  int count, append;
  char text[TEXT];
} Command;

static int last_code;

static int wrong(const char *what) {
  fprintf(stderr, "sh: %s\n", what);
  return 2;
}

static int is_name(char c) { return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// Put what stands behind a `$` in place; returns where to read on.
static const char *expand(const char *at, char **into, char *end) {
  char name[64], code[12];
  size_t length = 0;
  if (*at == '?') {
    snprintf(code, sizeof code, "%d", last_code);
  } else {
    while (is_name(at[length]) && length < sizeof name - 1) length++;
  }
  snprintf(name, sizeof name, "%.*s", (int)length, at);
  const char *value = *at == '?' ? code : length ? getenv(name) : "$";
  for (; value && *value && *into < end; value++) *(*into)++ = *value;
  return at + (*at == '?' ? 1 : length);
}

// Read a word, unquoted; returns where it ends, or nothing where it does not fit or a quote is open.
static const char *word(const char *at, char **into, char *end) {
  char quote = 0;
  for (; *at && (quote || !strchr(" \t\n;|&<>", *at));) {
    if (*into >= end) return NULL;
    if (*at == quote) {
      quote = 0, at++;
    } else if (!quote && (*at == '\'' || *at == '"')) {
      quote = *at++;
    } else if (*at == '\\' && quote != '\'' && at[1]) {
      *(*into)++ = at[1], at += 2;
    } else if (*at == '$' && quote != '\'') {
      at = expand(at + 1, into, end);
    } else {
      *(*into)++ = *at++;
    }
  }
  if (quote || *into >= end) return NULL;
  *(*into)++ = 0;
  return at;
}

// Read one command up to what separates it from the next; returns where that stands.
static const char *parse(const char *at, Command *command) {
  char *into = command->text, *end = command->text + TEXT - 1;
  memset(command, 0, offsetof(Command, text));
  for (;;) {
    at += strspn(at, " \t");
    if (*at == '#') at += strcspn(at, "\n");
    if (!*at || strchr("\n;|&", *at)) return at;
    char **to = &command->words[command->count];
    if (*at == '<') {
      to = &command->input, at++;
    } else if (*at == '>') {
      to = &command->output, command->append = at[1] == '>', at += 1 + command->append;
    } else if (command->count++ == WORDS) {
      return NULL;
    }
    at += strspn(at, " \t");
    *to = into;
    if (!(at = word(at, &into, end))) return NULL;
  }
}

static int call(Command *command, FILE *in, FILE *out) {
  char **argv = command->words;
  int code;
  if (!command->count) return 0;
  if (command->input && !(in = fopen(command->input, "r"))) return failed("sh", command->input);
  if (command->output && !(out = fopen(command->output, command->append ? "a" : "w"))) {
    code = failed("sh", command->output);
  } else if (!strcmp(argv[0], "exit")) {
    fflush(out);
    exit(command->count > 1 ? atoi(argv[1]) : last_code);
  } else if (!strcmp(argv[0], "cd")) {
    code = command->count > 1 && chdir(argv[1]) ? failed("cd", argv[1]) : 0;
  } else if (!strcmp(argv[0], "pwd")) {
    char path[TEXT];
    code = getcwd(path, sizeof path) ? fprintf(out, "%s\n", path) < 0 : failed("pwd", ".");
  } else {
    code = run_tool(command->count, argv, in, out);
  }
  if (command->input) fclose(in);
  if (command->output && out && fclose(out)) code = failed("sh", command->output);
  return code;
}

// Run commands that pipes join; returns where what follows them stands.
static const char *pipeline(const char *at, int skip, FILE *in, FILE *out) {
  char *kept = NULL, *next;
  size_t size = 0, length;
  Command *command = malloc(sizeof *command);
  for (;;) {
    if (!(at = parse(at, command))) break;
    int piped = at[0] == '|' && at[1] != '|';
    FILE *from = kept ? fmemopen(kept, size ? size : 1, "r") : in;
    if (kept && !size) getc(from);  // an empty text is none that fmemopen has
    FILE *to = piped ? open_memstream(&next, &length) : out;
    if (!skip) last_code = call(command, from, to);
    if (kept) fclose(from), free(kept), kept = NULL;
    if (!piped) break;
    fclose(to);
    kept = next, size = length, at++;
  }
  free(command);
  free(kept);
  return at;
}

static int run(const char *at, FILE *in, FILE *out) {
  int skip = 0;
  while (*at) {
    if (!(at = pipeline(at, skip, in, out))) return wrong("a quote is open, or a line too long");
    if (at[0] == '&' && at[1] == '&') {
      skip = last_code != 0, at += 2;
    } else if (at[0] == '|' && at[1] == '|') {
      skip = last_code == 0, at += 2;
    } else if (*at == '&') {
      return wrong("nothing runs in the background");
    } else {
      skip = 0, at += *at != 0;
    }
  }
  return last_code;
}

int shell(int argc, char **argv, FILE *in, FILE *out) {
  char *line = NULL;
  size_t room = 0;
  if (argc > 2 && !strcmp(argv[1], "-c")) return run(argv[2], in, out);
  FILE *script = argc > 1 ? fopen(argv[1], "r") : in;
  if (!script) return failed("sh", argv[1]);
  last_code = 0;
  while (getline(&line, &room, script) >= 0) last_code = run(line, script == in ? in : stdin, out);
  free(line);
  if (script != in) fclose(script);
  return last_code;
}
