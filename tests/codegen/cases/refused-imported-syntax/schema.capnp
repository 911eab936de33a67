@0xacc8605b85af5e6b;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-imported-syntax@0.1.0");

using X = import "broken.capnp";
struct A { a @0 :X.B; }
