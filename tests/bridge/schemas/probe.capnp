@0xd6f3a1b2c4e59871;
# What the tests of the bridge, of WASI and of the command line run a guest on: values of several shapes, a
# capability that makes others, and a guest that does what it is told.

using Wit = import "/capwit/wit.capnp";
using Caps = import "/capwit/caps/standard.capnp";
using Files = import "/capwit/caps/files.capnp";
using Streams = import "/capwit/caps/streams.capnp";
$Wit.package("test:probe@0.1.0");

interface Item {
  # A thing with a name.
  name @0 () -> (name :Text);
  same @1 (other :Item) -> (same :Bool);
}

struct Parcel {
  # Capabilities inside a value.
  label @0 :Text;
  item @1 :Item;
  more @2 :List(Item);
}

interface Desk {
  # What the host side of a test does.
  echo @0 (text :Text) -> (text :Text);
  add @1 (a :UInt8, b :UInt8) -> (sum :UInt8);
  make @2 (name :Text) -> (item :Item);
  look @3 (item :Item) -> (name :Text);
  pack @4 (item :Item, label :Text) -> (parcel :Parcel);
  unpack @5 (parcel :Parcel) -> (labels :List(Text));
  tell @6 (text :Text);
  take @7 (item :Item $Wit.transfer) -> (name :Text);
  # Takes the item over.
}

interface Worker $Wit.exports("app") {
  # What the guest side does.
  exec @0 (code :Text) -> (said :Text);
  # Runs Python; returns what it left in `said`.
  show @1 (item :Item, code :Text) -> (said :Text);
  # The same with an item it is lent.
  give @2 (code :Text) -> (item :Item);
  # The same, and gives away what it left in `item`.
  run @3 ();
  # Runs the guest's first argument.
}

struct Grants $Wit.grants("app") {
  # What the guest holds.
  desk @0 :Desk;
  spare @1 :Desk $Wit.optional;
  peer @2 :Worker $Wit.optional;
  console @3 :Caps.Console $Wit.optional;
  motto @4 :Text $Wit.optional;
  folder @5 :Files.Directory $Wit.optional;
  terminal @6 :Streams.TerminalSession $Wit.optional;
  settings @7 :Caps.KeyValueScope $Wit.optional;
  audit @8 :Caps.AuditLog $Wit.optional;
  fuel @9 :Caps.FuelGrant $Wit.optional;
  twin @10 :Worker $Wit.optional;
}
