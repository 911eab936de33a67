@0xe5a0c6b1f3d24790;
# The capabilities every host has: what a program prints to, what it was started with, clocks, entropy,
# settings, an audit log, fuel. A guest holds one only if its manifest grants it.

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
  # The distance between two ticks; 0 where only sleeping moves it on.

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

struct Setting {
  # The value that a name has, if it has one.
  union {
    absent @0 :Void;
    value @1 :Text;
  }
}

interface KeyValueScope {
  # Settings by name: a program's environment, its configuration, or a part of either.

  get @0 (name :Text) -> Setting;
  # The value of one.

  list @1 () -> (names :List(Text));
  # The names that have a value, in order.

  set @2 (name :Text, value :Text);
  # Gives a name a value. `denied` where the scope is for reading only, `exhausted` where it is full.

  remove @3 (name :Text);
  # Takes the value of a name away, if it has one. `denied` where the scope is for reading only.
}

struct AuditField {
  # One thing that a record tells.
  name @0 :Text;
  value @1 :Text;
}

interface AuditLog {
  # A record of what happened, which can only grow. The log itself says when, and who told it.

  append @0 (event :Text, fields :List(AuditField));
  # Adds a record. Returns once it is where it is kept; `exhausted` where the log takes no more.
}

interface FuelGrant {
  # Fuel that a program may still draw, in wasm instructions, about.

  take @0 (amount :UInt64) -> (granted :UInt64);
  # Draws up to `amount`: what is given is less, or nothing, where the grant is used up.
}
