@0xa1b8d2c4e6f01355;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:unions-of-one@0.1.0");

struct One { union { only @0 :Text; gone @1 :Void $Wit.skip; } }
struct Nothing { union { only @0 :Void; gone @1 :Text $Wit.skip; } }
struct Named {
  which2 :union { only @0 :UInt8; gone @1 :Text $Wit.skip; }
  text @2 :Text;
  union { alone @3 :Bool; away @4 :Bool $Wit.skip; }
}
