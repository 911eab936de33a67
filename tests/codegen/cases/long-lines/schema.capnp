@0xbe13d3d5e57e9126;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:long-lines@0.1.0");

struct AVeryLongNameForAStruct {
  union {
    theFirstOfSeveralAlternatives @0 :List(AnotherVeryLongNameForAStruct);
    theSecondOfSeveralAlternatives @1 :List(AnotherVeryLongNameForAStruct);
    theThirdOfSeveralAlternatives @2 :Void;
  }
}
struct AnotherVeryLongNameForAStruct { text @0 :Text; }
interface AnInterfaceWithALongName {
  methodWithManyParameters @0 (first :AnotherVeryLongNameForAStruct, second :List(AnotherVeryLongNameForAStruct), third :UInt64)
    -> (result :List(AnotherVeryLongNameForAStruct));
  methodWithALongNameAndALongResult @1 () -> (one :List(AnotherVeryLongNameForAStruct), two :AVeryLongNameForAStruct);
}
interface AnInterfaceWithAnEvenLongerNameThanThatOne { own @0 () -> (own :AnInterfaceWithALongName); }
