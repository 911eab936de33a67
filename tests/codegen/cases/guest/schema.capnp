@0xa5521d966b37c9a8;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:guest@0.1.0");

struct Event { topic @0 :Text; body @1 :Data; reply @2 :Listener; }

interface Listener $Wit.guest("app") {
  # Hears of events.
  notify @0 (event :Event) -> (more :Bool);
  # Whether it wants to hear more.
  introduce @1 (to :Listener, gift :Topic $Wit.transfer) -> (back :Listener);
  push @2 (chunk :Data) -> stream;
  summary @3 () -> (count :UInt32, last :Event);
  ping @4 ();
}

interface Topic {
  subscribe @0 (listener :Listener);
  publish @1 (event :Event) -> (heard :UInt32);
}

interface Silent $Wit.guest("app") {}

interface Both $Wit.guest("app") $Wit.exports("app") { act @0 (); }

interface Other $Wit.guest("other") { act @0 (tree :Tree, any :AnyPointer, cap :Capability); }

struct Tree { label @0 :Text; children @1 :List(Tree); owner @2 :Listener; }

struct Grants $Wit.grants("app") { topic @0 :Topic; }
