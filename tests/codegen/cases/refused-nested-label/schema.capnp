@0xf9ca29b35edc5254;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-nested-label@0.1.0");

struct Entry {
  meta :group { a @0 :Text; }
}
struct EntryMeta { a @0 :Text; }
