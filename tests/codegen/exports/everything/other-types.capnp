# Written by `capwit export`: a later run keeps the ids and ordinals here.
@0xc8e6f564c71350af;

using Wit = import "/capwit/wit.capnp";
$Wit.package("test:everything@1.2.0-rc.1+build.7");

struct Pair @0x94af240e98e04c18 {
  # A record.
  #
  #     indented
  left @0 :UInt32;
  # The left one.
  right @1 :Text;
}

struct Shape @0x9dbd0f269f7aa054 {
  # A block.
  union {
    circle @0 :Float64;
    nothing @1 :Void;
    enum @2 :List(Pair);
  }
}

enum Colour @0xb12bb3618586317e {
  red @0;
  lightGreen @1;
  blue2 @2;
}

struct Access @0x9cebb5a848b57ee9 {
  read @0 :Bool;
  write @1 :Bool;
}

struct Numbers @0xacd3bf05e484c2cd {
  v0 @0 :UInt8;
  v1 @1 :Int8;
  v2 @2 :UInt16;
  v3 @3 :Int16;
  v4 @4 :UInt32;
  v5 @5 :Int32;
  v6 @6 :UInt64;
  v7 @7 :Int64;
  v8 @8 :Float32;
  v9 @9 :Float64;
  v10 @10 :UInt32;
  v11 @11 :Bool;
}

struct ResultDataVoid @0xd68d9d7b632f55cf {
  union {
    ok @0 :Data;
    err @1 :Void;
  }
}

interface File @0x97757e3af4d34678 {
  read @0 (n :UInt32) -> (result :ResultDataVoid);
  close @1 () -> ();
}

interface Bare @0xd2cbfd31cd391b2d {
}

struct ResultFileText @0x9f88468f534f8149 {
  union {
    ok @0 :File $Wit.required;
    err @1 :Text;
  }
}

struct OptionFile @0xd2ddef4d0da3254a {
  union {
    none @0 :Void;
    some @1 :File $Wit.required;
  }
}

interface OtherTypes @0xa1cd0b0ee88a1e6f {
  # The functions of `other-types`.
  newFile @0 (name :Text) -> (result :ResultFileText) $Wit.function("[constructor]file");
  fileOpen @1 (at :File) -> (result :OptionFile) $Wit.function("[static]file.open");
  # Opens one.
}
