@0xb017c1924cdcb04f;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-import-loop@0.1.0");

using Other = import "other-loop.capnp";
struct A { b @0 :Other.B; }
