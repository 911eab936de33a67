// Each tool is a function of its arguments and of where it reads and writes; it returns its exit code.
#pragma once
#include <stdio.h>

typedef int Tool(int argc, char **argv, FILE *in, FILE *out);

Tool cat, cp, echo, ls, mkdirs, mv, rm, shell, sort, wc;

// Run the tool that argv[0] names; 127 where there is none.
int run_tool(int argc, char **argv, FILE *in, FILE *out);

// Say on standard error why a path failed; returns 1.
int failed(const char *tool, const char *path);

// Call `each` for the files that are named, or for `in` where none is; "-" is `in`, too.
int each_input(int argc, char **argv, FILE *in, int (*each)(FILE *input, void *), void *with);
