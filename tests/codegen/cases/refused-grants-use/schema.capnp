@0x9f643f1ea07fded9;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-grants-use@0.1.0");

struct A $Wit.grants("app") {
  a @0 :Text;
}
struct B { a @0 :A; }
