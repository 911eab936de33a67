@0x84819bc62209f72a;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-recursive@0.1.0");

struct Tree {
  label @0 :Text;
  children @1 :List(Tree);
}
