@0xbf26a58d9d9bf652;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-recursive-pair@0.1.0");

struct A {
  inner :group { b @0 :B; }
}
struct B { a @0 :List(List(A)); }
