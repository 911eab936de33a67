@0xfd2700bc46d71711;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-syntax@0.1.0");

struct A {
  a @0 :Text;
  b @1 Text;
}
