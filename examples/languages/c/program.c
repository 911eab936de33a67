// What each language does: arguments, environment, a file, a clock, randomness, an exit code.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  printf("args");
  for (int i = 1; i < argc; i++) printf(" %s", argv[i]);
  const char *key = getenv("KEY");
  printf("\nenv %s\n", key ? key : "none");

  char text[100] = "";
  FILE *in = fopen("in", "r");
  if (!in) return perror("in"), 1;
  size_t length = fread(text, 1, sizeof text - 1, in);
  fclose(in);
  printf("read %s\n", text);
  int counts[256] = {0};
  for (size_t i = 0; i < length; i++) counts[(unsigned char)text[i]]++;
  FILE *out = fopen("out", "w");
  if (!out) return perror("out"), 1;
  for (int c = 0; c < 256; c++)
    if (counts[c]) fprintf(out, "%c%d", c, counts[c]);
  if (fclose(out)) return perror("out"), 1;

  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  clock_gettime(CLOCK_MONOTONIC, &after);
  long long slept = (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
  printf("time %d\n", time(NULL) > 50LL * 365 * 24 * 3600 && slept >= 1000000);
  unsigned char bytes[16] = {0};
  int sum = 0, failed = getentropy(bytes, sizeof bytes);
  for (size_t i = 0; i < sizeof bytes; i++) sum += bytes[i];
  printf("random %d\n", !failed && sum > 0);
  return 7;
}
