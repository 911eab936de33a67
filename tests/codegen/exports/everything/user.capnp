# Written by `capwit export`: a later run keeps the ids and ordinals here.
@0xe14151dca6cf07cf;

using Wit = import "/capwit/wit.capnp";
using OtherTypes = import "other-types.capnp";
using TestDepShared = import "test-dep-shared.capnp";
$Wit.package("test:everything@1.2.0-rc.1+build.7");

struct After @0x9ac59dc28c703a07 {
  union {
    ok @0 :TestDepShared.Type;
    err @1 :UInt64;
  }
}

struct ResultVoidShape @0x8b82449a8fee3b41 {
  union {
    ok @0 :Void;
    err @1 :OtherTypes.Shape;
  }
}

struct ResultVoidVoid @0xcc133365f54cf248 {
  union {
    ok @0 :Void;
    err @1 :Void;
  }
}

struct TupleFile @0x8379cdfdc37e2c11 {
  v0 @0 :OtherTypes.File $Wit.required;
}

struct OptionTupleFile @0xbbbf4dd2f20cff05 {
  union {
    none @0 :Void;
    some @1 :TupleFile;
  }
}

interface User @0x8e5650dd816352ef {
  # The functions of `user`.
  later @0 (x :After) -> (result :ResultVoidShape) $Wit.function("later");
  alone @1 (of :OtherTypes.Pair, by :OtherTypes.File)
      -> (result :ResultVoidVoid) $Wit.function("alone");
  from @2 (record :List(OptionTupleFile)) -> () $Wit.function("from");
}
