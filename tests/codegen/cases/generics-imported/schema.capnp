@0x91ba8a8645107746;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:generics-imported@0.1.0");

using Lib = import "boxes.capnp";
struct Uses {
  text @0 :Lib.Box(Text);
  data @1 :Lib.Box(Data);
  mine @2 :Lib.Box(Own);
}
struct Own { a @0 :Lib.Box(Bool8); }
struct Bool8 { value @0 :Bool; }
