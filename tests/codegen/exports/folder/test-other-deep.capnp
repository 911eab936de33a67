# Written by `capwit export`: a later run keeps the ids and ordinals here.
@0xf33b67b4ea5fad8e;

using Wit = import "/capwit/wit.capnp";
$Wit.package("test:other@1.0.0");
$Wit.name("deep");

struct D @0xfcc58c9a98c8e4b8 {
  c @0 :UInt32;
}
