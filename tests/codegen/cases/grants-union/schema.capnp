@0xb495472902e0c149;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:grants-union@0.1.0");

interface Door { open @0 (); }
interface Key {}
struct Ring { main @0 :Key $Wit.required; spare @1 :Key; }

struct Grants $Wit.grants("app") {
  # A component gets either door or word.
  before @0 :Text;
  union {
    door @1 :Door;  # The way in.
    word @2 :Text;
    doors @3 :List(Door);
    perhaps @4 :Key $Wit.optional;
    nothing @5 :Void;
  }
  ring @6 :Ring;
  keys @7 :List(List(Key)) $Wit.optional;
  place :group { floor @8 :UInt8; key @9 :Key; }
  which2 :union $Wit.name("way") { stairs @10 :Key $Wit.required; lift @11 :Void; }
}
struct OnlyUnion $Wit.grants("tool") $Wit.open {
  union { door @0 :Door; key @1 :Key; }
}
