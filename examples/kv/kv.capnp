@0xb6d1c0f4a2e87935;
# A key-value store whose buckets are capabilities: who holds a bucket can use it and whatever it
# opens below it, and nothing else.

using Wit = import "/capwit/wit.capnp";
using Caps = import "/capwit/caps/standard.capnp";
$Wit.package("demo:kv@0.1.0");

enum Durability {
  # How long what is stored lasts.
  memory @0;  # As long as the host runs.
  disk @1;    # Until it is deleted.
}

struct Entry {
  # A key and what is stored under it.
  key @0 :Text;
  value @1 :Data;
  meta :group {
    # What the store knows of the entry.
    version @2 :UInt64;  # How often the bucket had been written to when this entry was.
    size @3 :UInt32;     # Bytes in the value.
  }
}

struct Lookup {
  # What a key leads to.
  union {
    missing @0 :Void;
    found @1 :Entry;
  }
}

struct Change {
  # One write to a bucket.
  key @0 :Text;
  union {
    set @1 :Data;      # The key has this value now.
    deleted @2 :Void;  # The key is gone.
  }
}

interface Store {
  # All buckets.
  open @0 (name :Text) -> (bucket :Bucket);
  # Opens a bucket, and makes it if it is not there.
  durability @1 () -> (durability :Durability);
}

interface Bucket {
  # Keys and values.
  get @0 (key :Text) -> (lookup :Lookup);
  # Reads one key.
  set @1 (key :Text, value :Data) -> (version :UInt64);
  # Writes one key, and returns the bucket's new version. A value over 1 MiB is refused as `overloaded`.
  delete @2 (key :Text) -> (existed :Bool);
  list @3 (prefix :Text) -> (entries :List(Entry));
  # The entries whose keys start with `prefix`, by key.
  openSub @4 (name :Text) -> (bucket :Bucket);
  # A bucket inside this one: who holds it reaches nothing outside it.
  watch @5 () -> (cursor :Cursor);
  # The writes from now on.
}

interface Cursor {
  # A place in a bucket's history.
  next @0 (limit :UInt32) -> (changes :List(Change));
  # The writes since the last call, at most `limit`; waits until there is one.
}

interface Summarizer $Wit.exports("summary") {
  # Tells what is in a bucket that it is lent.
  summarize @0 (bucket :Bucket) -> (summary :Text);
}

struct Report {
  # What a run did.
  keys @0 :List(Text);
  changes @1 :UInt32;
  summary @2 :Text;
}

interface Runner $Wit.exports("app") {
  # The program.
  run @0 () -> (report :Report);
}

struct KvGrants $Wit.grants("app") {
  # What the program holds.
  store @0 :Store;
  console @1 :Caps.Console;
  summarizer @2 :Summarizer $Wit.optional;
  # Another component that the host lends buckets to on the program's behalf.
}
