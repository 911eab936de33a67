@0xdbd90ef06d8363db;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-ordinal@0.1.0");

struct A {
  a @0 :Text;
  b @2 :Text;
}
