@0xa8e13b5d70c2f946;
# Streams of bytes: what is read or written once, in order, by somebody who may have to wait.

using Wit = import "/capwit/wit.capnp";
$Wit.package("capwit:streams@0.1.0");

interface ByteSource {
  # Somewhere that bytes come from.

  read @0 (limit :UInt32) -> (data :Data);
  # Between one byte and `limit`, as soon as there is one; none exactly if `limit` is 0 or the source is at
  # its end, now and from then on.

  readable @1 ();
  # Returns once `read` would not wait.
}

interface ByteSink {
  # Somewhere that bytes go to.

  write @0 (data :Data);
  # Takes all of `data`, in order; waits for as long as the other side is slow. `disconnected` where nobody
  # reads them any more.

  writable @1 () -> (budget :UInt64);
  # Returns once a `write` of up to `budget` bytes would not wait; at least 1.

  flush @2 ();
  # Returns once what was written has gone on to wherever it goes.

  end @3 ();
  # Nothing more will be written. A second time it does nothing; a `write` after it is `failed`.
}

struct TerminalSize {
  # How much text a terminal shows.
  columns @0 :UInt16;
  rows @1 :UInt16;
}

interface TerminalSession extends(ByteSource, ByteSink) {
  # A person's terminal, or what stands in its place: what they type, and what they see.

  isTerminal @0 () -> (terminal :Bool);
  # Whether there is a terminal: if not, both ends are only streams.

  size @1 () -> TerminalSize;
  # The size of the terminal; 0 and 0 where there is none.
}
