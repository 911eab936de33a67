@0xadcdaadc00a0fb30;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-missing-import@0.1.0");

using X = import "nope.capnp";
struct A { a @0 :X.B; }
