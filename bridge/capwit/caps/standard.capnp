@0xe5a0c6b1f3d24790;
# The capabilities every host has: what a program prints to, what it was started with, clocks and
# entropy. A guest holds one only if its manifest grants it.

using Wit = import "/capwit/wit.capnp";
$Wit.package("capwit:caps@0.1.0");

interface Console {
  # Somewhere to write bytes for a person or a log to read.

  write @0 (data :Data);
  # Writes all of `data`, in order.
}

struct EnvVar {
  # One variable of a program's environment.
  name @0 :Text;
  value @1 :Text;
}

interface LaunchParameters {
  # What a program was started with.

  args @0 () -> (args :List(Text));
  # The arguments, the program's own name first.

  env @1 () -> (env :List(EnvVar));
  # The environment.
}

interface Timer {
  # A monotonic clock, and the means to wait for it. Its zero is its own; it never goes back.

  now @0 () -> (nanoseconds :UInt64);
  # The time since the timer's zero.

  resolution @1 () -> (nanoseconds :UInt64);
  # The distance between two ticks.

  sleepUntil @2 (deadline :UInt64);
  # Returns once `now` is at or past `deadline`.
}

struct Instant {
  # A point in time, counted from 1970-01-01T00:00:00Z.
  seconds @0 :UInt64;
  nanoseconds @1 :UInt32;
  # Less than 1,000,000,000.
}

interface WallClock {
  # The time of day. It may be set, and so may go back.

  now @0 () -> (now :Instant);
  # The present time.

  resolution @1 () -> (resolution :Instant);
  # The distance between two ticks.
}

interface EntropySource {
  # A source of random bytes.

  fill @0 (length :UInt32) -> (data :Data);
  # `length` bytes that nobody can foresee.
}
