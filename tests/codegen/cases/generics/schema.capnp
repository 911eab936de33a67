@0x8908675d690a4278;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:generics@0.1.0");

struct Map(Key, Value) {
  # From keys to values.
  entries @0 :List(Entry);
  struct Entry {
    key @0 :Key;
    value @1 :Value;
  }
  kind @1 :Kind;
  enum Kind { hash @0; tree @1; }
}
struct User {
  tags @0 :Map(Text, Data);
  friends @1 :Map(Text, User.Name);
  nested @2 :Map(Text, Map(Text, List(Int32)));
  again @3 :Map(Text, Data);
  one @4 :Map(Text, Data).Entry;
  struct Name { first @0 :Text; last @1 :Text; }
}
interface Registry(Thing) {
  # Where things of one interface are found.
  find @0 (name :Text) -> (thing :Thing);
  all @1 () -> (first :Thing, names :Map(Text, Thing), more :Bool);
  group @2 Map(Text, Thing) -> Map(Text, Text);
}
interface Door { open @0 (); }
interface Doors extends(Registry(Door)) {}
interface House { doors @0 () -> (registry :Registry(Door)); }
