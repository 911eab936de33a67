@0x85cb9eed61f36a19;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:interface-scope@0.1.0");

interface Directory {
  struct Entry { name @0 :Text; kind @1 :Kind; }
  enum Kind { file @0; folder @1; }
  interface Watcher { changed @0 (entry :Entry); }
  const limit :UInt16 = 7;
  list @0 (kind :Kind) -> (entries :List(Entry), watcher :Watcher);
}
