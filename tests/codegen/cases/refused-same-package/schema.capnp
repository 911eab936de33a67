@0xb917e48c0ea0ac4e;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-same-package@0.1.0");

using X = import "twin.capnp";
struct A { b @0 :X.B; }
