@0xc4f7a1d95b2e8036;
# What is kept by what it is, and what is run by its sources: blobs that are known by their hashes, and the
# scripts of an interpreter.

using Wit = import "/capwit/wit.capnp";
$Wit.package("capwit:store@0.1.0");

struct BlobSize {
  # How large something is, if it is there.
  union {
    absent @0 :Void;
    bytes @1 :UInt64;
  }
}

struct BlobPart {
  # Bytes of something, if it is there.
  union {
    absent @0 :Void;
    data @1 :Data;
    # Empty exactly at its end, and where none are asked for; fewer than asked for where that is too many at once.
  }
}

interface Store {
  # Blobs by the SHA-256 of their bytes, 32 bytes long: what has a hash never changes. A hash of another length is
  # `failed`.

  put @0 (data :Data) -> (hash :Data);
  # Keeps a blob; one that is there is kept once. `denied` where the store is for reading only, `exhausted` where it
  # is full.

  upload @1 () -> (upload :Upload);
  # Begins a blob that is written in parts.

  has @2 (hash :Data) -> (held :Bool);
  # Whether there is a blob.

  size @3 (hash :Data) -> BlobSize;
  # How large a blob is.

  get @4 (hash :Data, offset :UInt64, length :UInt32) -> BlobPart;
  # Part of a blob. Who reads all of it can tell by its hash that it is what was asked for, and should.
}

interface Upload {
  # A blob on its way into a store. It is not there before its end.

  write @0 (data :Data);
  # Adds bytes. `exhausted` where the blob is larger than the store takes.

  finish @1 () -> (hash :Data);
  # Keeps the blob. A second time, and a `write` after it, is `failed`.
}

interface ScriptPackage {
  # The sources of a script, by names with `/` between their parts: what an interpreter is given to run.

  entry @0 () -> (name :Text);
  # The source that is run first.

  list @1 () -> (names :List(Text));
  # The names of all sources, in order.

  size @2 (name :Text) -> BlobSize;
  # How large a source is.

  read @3 (name :Text, offset :UInt64, length :UInt32) -> BlobPart;
  # Part of a source.
}
