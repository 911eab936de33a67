@0xbfc0e5c4c484797a;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:capabilities@0.1.0");

interface Door {
  open @0 () -> (room :Room);
  lend @1 (key :Key);
  give @2 (key :Key $Wit.transfer);
  all @3 () -> (doors :List(Door), first :Key);
  store @4 (keys :List(Key)) -> (ring :KeyRing);
}
interface Key {}
interface Room { leave @0 (); }
struct KeyRing {
  main @0 :Key $Wit.required;
  spare @1 :Key;  # There may be none.
  others @2 :List(List(Key));
  union { locked @3 :Key; open @4 :Void; }
}
