@0xc8a5e1f09d3b7246;
# What the tests of transfers are about: a parcel that parties hand to each other, in every shape that a
# value can have. party.py and party.c are parties; the host has the desk.

using Wit = import "/capwit/wit.capnp";
$Wit.package("test:parcel@0.1.0");

interface Parcel $Wit.exports("party") {
  # A thing with a label. A party can make its own, too.
  label @0 () -> (label :Text);
  same @1 (other :Parcel) -> (same :Bool);
}

struct Crate {
  # Parcels inside a value.
  label @0 :Text;
  first @1 :Parcel $Wit.required;
  spare @2 :Parcel;
  rest @3 :List(Parcel);
  wrapping :union {
    none @4 :Void;
    gift @5 :Parcel;
    bundle @6 :List(Parcel);
  }
}

interface Desk {
  # What the host has.
  make @0 (label :Text) -> (parcel :Parcel);
  tell @1 (text :Text);
}

interface Party $Wit.exports("party") {
  # Each party holds a pile of parcels.
  make @0 (label :Text);
  # Has the desk make one.
  label @1 () -> (label :Text);
  # Reads the uppermost.
  give @2 () -> (parcel :Parcel);
  # Gives the uppermost away, as a result.
  take @3 (parcel :Parcel $Wit.transfer) -> (label :Text);
  look @4 (parcel :Parcel) -> (label :Text);
  # Reads one that it is lent.
  keep @5 (parcel :Parcel);
  # Does not let go of one that it is lent.
  kept @6 () -> (label :Text);
  # Reads that one.
  pack @7 () -> (crate :Crate);
  # Gives all it has: one in each place of a crate, from the bottom of the pile.
  unpack @8 (crate :Crate) -> (labels :List(Text));
  # Takes all of a crate, and reads each.
  drop @9 ();
  # Drops the uppermost.
  pair @10 (lent :Parcel, own :Parcel $Wit.transfer) -> (same :Bool);
  spill @11 (parcel :Parcel $Wit.transfer);
  # Takes a parcel, and traps.

  hand @12 () -> (label :Text);
  # Gives its peer the uppermost, as an argument.
  ship @13 () -> (labels :List(Text));
  # Gives its peer a crate.
  lend @14 () -> (label :Text);
  # Lends its peer the uppermost.
  fling @15 ();
  # Gives its peer the uppermost to spill; says nothing of how that went.

  again @16 () -> (label :Text);
  # Reads the one that it gave last.
  twice @17 () -> (labels :List(Text));
  # Gives its peer a crate with one and the same parcel in it twice.
  both @18 () -> (same :Bool);
  # Gives its peer the parcel that it lends it in the same call.
  regive @19 (parcel :Parcel) -> (parcel :Parcel);
  # Gives away what it was only lent.
}

struct Grants $Wit.grants("party") {
  desk @0 :Desk;
  peer @1 :Party $Wit.optional;
}
