// What a program asks of its host besides files: one command each.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static int failed(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

int main(int argc, char **argv) {
  const char *command = argc > 1 ? argv[1] : "";
  struct timespec now, later;
  if (!strcmp(command, "time")) {
    if (clock_gettime(CLOCK_REALTIME, &now)) return failed("clock_gettime");
    printf("%lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
    return 0;
  }
  if (!strcmp(command, "sleep")) {
    if (clock_gettime(CLOCK_MONOTONIC, &now)) return failed("clock_gettime");
    struct timespec pause = {0, 30 * 1000 * 1000};
    if (nanosleep(&pause, 0)) return failed("nanosleep");
    if (clock_gettime(CLOCK_MONOTONIC, &later)) return failed("clock_gettime");
    long long passed = (later.tv_sec - now.tv_sec) * 1000000000LL + later.tv_nsec - now.tv_nsec;
    puts(passed >= 30 * 1000 * 1000 ? "slept" : "woke too early");
    return 0;
  }
  if (!strcmp(command, "random")) {
    unsigned char bytes[16];
    if (getentropy(bytes, sizeof bytes)) return failed("getentropy");
    for (size_t i = 0; i < sizeof bytes; i++) printf("%02x", bytes[i]);
    puts("");
    return 0;
  }
  if (!strcmp(command, "poll")) {
    struct pollfd fds[] = {{0, POLLIN, 0}};
    int ready = poll(fds, 1, argc > 2 ? atoi(argv[2]) : -1);
    if (ready < 0) return failed("poll");
    printf("ready %d\n", ready);
    return 0;
  }
  if (!strcmp(command, "isatty")) {
    printf("%d %d %d\n", isatty(0), isatty(1), isatty(2));
    return 0;
  }
  if (!strcmp(command, "abort")) abort();
  if (!strcmp(command, "exit")) exit(atoi(argv[2]));
  if (!strcmp(command, "echo")) {
    char line[100];
    while (fgets(line, sizeof line, stdin)) printf("> %s", line);
    return 0;
  }
  return 2;
}
