@0xb69e2f302f037f48;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-skipped-use@0.1.0");

struct A {
  b @0 :B;
}
struct B $Wit.skip { a @0 :Text; }
