@0xa1b8d2c4e6f01351;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:many-bools@0.1.0");

struct Bools {
  # More than WIT's flags may have.
  b0 @0 :Bool;
  b1 @1 :Bool;
  b2 @2 :Bool;
  b3 @3 :Bool;
  b4 @4 :Bool;
  b5 @5 :Bool;
  b6 @6 :Bool;
  b7 @7 :Bool;
  b8 @8 :Bool;
  b9 @9 :Bool;
  b10 @10 :Bool;
  b11 @11 :Bool;
  b12 @12 :Bool;
  b13 @13 :Bool;
  b14 @14 :Bool;
  b15 @15 :Bool;
  b16 @16 :Bool;
  b17 @17 :Bool;
  b18 @18 :Bool;
  b19 @19 :Bool;
  b20 @20 :Bool;
  b21 @21 :Bool;
  b22 @22 :Bool;
  b23 @23 :Bool;
  b24 @24 :Bool;
  b25 @25 :Bool;
  b26 @26 :Bool;
  b27 @27 :Bool;
  b28 @28 :Bool;
  b29 @29 :Bool;
  b30 @30 :Bool;
  b31 @31 :Bool;
  b32 @32 :Bool;
}
