// Waiting, clocks, randomness.
#include "behaviour.h"

#define MS UINT64_C(1000000)

static __wasi_subscription_t clock_in(uint64_t user, __wasi_clockid_t clock, uint64_t timeout, int flags) {
  __wasi_subscription_t wait = {.userdata = user, .u = {.tag = __WASI_EVENTTYPE_CLOCK}};
  wait.u.u.clock = (__wasi_subscription_clock_t){clock, timeout, 0, flags};
  return wait;
}

static __wasi_subscription_t ready(uint64_t user, int type, __wasi_fd_t fd) {
  __wasi_subscription_t wait = {.userdata = user, .u = {.tag = type}};
  wait.u.u.fd_read.file_descriptor = fd;
  return wait;
}

static uint64_t now(void) {
  __wasi_timestamp_t time;
  OK(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &time));
  return time;
}

static __wasi_event_t events[4];
static __wasi_size_t happened;

BEHAVIOUR(waiting_for_nothing) {
  __wasi_subscription_t none = {0};
  IS(INVAL, __wasi_poll_oneoff(&none, events, 0, &happened));
}

BEHAVIOUR(waiting_for_a_clock) {
  for (int clock = 0; clock < 2; clock++) {
    uint64_t before = now();
    __wasi_subscription_t wait = clock_in(7, clock, 5 * MS, 0);
    OK(__wasi_poll_oneoff(&wait, events, 1, &happened));
    REQUIRE(happened == 1 && events[0].userdata == 7 && events[0].type == __WASI_EVENTTYPE_CLOCK);
    REQUIRE(!events[0].error && now() - before >= 5 * MS);
  }
}

BEHAVIOUR(waiting_for_what_has_passed) {
  __wasi_subscription_t waits[] = {clock_in(1, __WASI_CLOCKID_MONOTONIC, 0, 0),
                                   clock_in(2, __WASI_CLOCKID_MONOTONIC, 1, __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME),
                                   clock_in(3, __WASI_CLOCKID_REALTIME, 1, __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME)};
  for (int i = 0; i < 3; i++) {
    OK(__wasi_poll_oneoff(&waits[i], events, 1, &happened));
    REQUIRE(happened == 1 && events[0].userdata == (uint64_t)i + 1 && !events[0].error);
  }
}

BEHAVIOUR(files_are_always_ready) {
  __wasi_fd_t fd = opened("a", CREAT);
  OK(put(fd, "abc"));
  OK(__wasi_fd_seek(fd, 1, __WASI_WHENCE_SET, &(__wasi_filesize_t){0}));
  __wasi_subscription_t waits[] = {ready(1, __WASI_EVENTTYPE_FD_READ, fd), ready(2, __WASI_EVENTTYPE_FD_WRITE, fd),
                                   clock_in(3, __WASI_CLOCKID_MONOTONIC, 60000 * MS, 0)};
  for (int seen = 0; seen < 3;) {  // a file that is far away takes its time to say so
    OK(__wasi_poll_oneoff(waits, events, 3, &happened));
    REQUIRE(happened == 1 || happened == 2);
    for (size_t i = 0; i < happened; i++) {
      REQUIRE(!events[i].error && events[i].userdata == (uint64_t)events[i].type);
      seen |= events[i].type;
    }
    if (seen) waits[seen - 1] = waits[2 - seen];
  }
}

BEHAVIOUR(output_is_always_ready) {
  __wasi_subscription_t waits[] = {ready(1, __WASI_EVENTTYPE_FD_WRITE, 1), ready(2, __WASI_EVENTTYPE_FD_WRITE, 2)};
  OK(__wasi_poll_oneoff(waits, events, 2, &happened));
  REQUIRE(happened == 2 && !events[0].error && !events[1].error);
}

BEHAVIOUR(waiting_for_no_descriptor) {
  __wasi_subscription_t waits[] = {ready(1, __WASI_EVENTTYPE_FD_READ, 1000),
                                   clock_in(2, __WASI_CLOCKID_MONOTONIC, 60000 * MS, 0)};
  IS(BADF, __wasi_poll_oneoff(waits, events, 2, &happened));
  waits[0] = ready(1, __WASI_EVENTTYPE_FD_WRITE, ROOT);
  IS(BADF, __wasi_poll_oneoff(waits, events, 2, &happened));
}

BEHAVIOUR(clocks) {
  __wasi_timestamp_t time, resolution;
  uint64_t before = now();
  REQUIRE(before && now() >= before);
  OK(__wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 0, &time));
  REQUIRE(time > UINT64_C(1600000000) * 1000 * MS);
  for (int clock = 0; clock < 2; clock++) {
    OK(__wasi_clock_res_get(clock, &resolution));
    REQUIRE(resolution);
  }
}

BEHAVIOUR(randomness) {
  static uint8_t bytes[8192];
  size_t zeros = 0;
  OK(__wasi_random_get(bytes, sizeof bytes));
  for (size_t i = 0; i < sizeof bytes; i++) zeros += !bytes[i];
  REQUIRE(zeros < 200);
  OK(__wasi_random_get(bytes, 0));
}

BEHAVIOUR(yielding) { OK(__wasi_sched_yield()); }
