@0x85d70daa707c08d7;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:unions@0.1.0");

struct Shape {
  # Only an unnamed union: a variant.
  union {
    circle @0 :Float64;  # Its radius.
    square @1 :Float64;
    nothing @2 :Void;
    corners @3 :List(Shape.Corner);
    box :group {
      width @4 :Float64;
      height @5 :Float64;
    }
    unit :group { void @6 :Void; }
  }
  struct Corner { x @0 :Float64; y @1 :Float64; }
}
struct Account {
  # Fields and an unnamed union: the union is the field `which`, where it begins.
  id @0 :UInt64;
  union {
    person @1 :Text;
    company @2 :Text;
  }
  state :union {
    # A named union.
    active @3 :Void;
    closed @4 :UInt64;
  }
}
struct Gone {
  # Its only field outside of the union is void.
  marker @0 :Void;
  union { left @1 :Text; right @2 :Data; }
}
