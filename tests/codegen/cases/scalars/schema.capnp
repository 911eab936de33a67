@0x9818e4a80d1906f3;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:scalars@0.1.0");

struct Scalars {
  nothing @0 :Void;
  truth @1 :Bool;
  tiny @2 :Int8;
  short @3 :Int16;
  middle @4 :Int32;
  long @5 :Int64;
  octet @6 :UInt8;
  port @7 :UInt16;
  count @8 :UInt32;
  id @9 :UInt64;
  single @10 :Float32;
  double @11 :Float64;
}
