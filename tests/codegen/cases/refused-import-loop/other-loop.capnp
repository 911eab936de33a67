@0xb3e616e21c780b77;
using Wit = import "/capwit/wit.capnp";
$Wit.package("case:other-loop@0.1.0");
using Y = import "schema.capnp";
struct B { a @0 :List(Y.A); }
