@0xb495472902e0c150;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-grants-which@0.1.0");

struct A $Wit.grants("app") {
  which @0 :Text;
  union { a @1 :Text; b @2 :Text; }
}
