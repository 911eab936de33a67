@0xa5cf57380ad81155;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:case-classes@0.1.0");

struct Shape {
  union {
    circle @0 :Circle;
    box :group { width @1 :Float64; height @2 :Float64; }
    state :union { open @3 :Void; closed @4 :Void; }
  }
  struct Circle { radius @0 :Float64; }
}
