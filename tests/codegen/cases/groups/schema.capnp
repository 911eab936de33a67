@0xced379d418bb8629;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:groups@0.1.0");

struct Person {
  # Somebody.
  name @0 :Text;
  address :group {
    # Where they live.
    street @1 :Text;
    place :group {
      city @2 :Text;
      code @3 :UInt32;
    }
    nothing @4 :Void;
  }
  struct Phone { number @0 :Text; }
  phones @5 :List(Phone);
}
