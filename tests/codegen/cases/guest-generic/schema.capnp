@0xd6a35d1f4be98275;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:guest-generic@0.1.0");

interface Observer(T) $Wit.guest("app") {
  next @0 (value :T) -> (more :Bool);
}

interface Feed {
  numbers @0 (observer :Observer(List(UInt32)));
  doors @1 (observer :Observer(Door));
}

interface Door { open @0 (); }

struct Grants $Wit.grants("app") { feed @0 :Feed; }
