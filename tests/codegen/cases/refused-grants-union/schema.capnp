@0xb495472902e0c149;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-grants-union@0.1.0");

struct A $Wit.grants("app") {
  union { a @0 :Text; b @1 :Text; }
}
