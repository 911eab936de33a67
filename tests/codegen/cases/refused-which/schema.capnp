@0xc6920e9a26c78fee;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-which@0.1.0");

struct A {
  which @0 :Text;
  union { b @1 :Text; c @2 :Void; }
}
