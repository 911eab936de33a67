@0xc19fa1dd9bf93b0e;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:constants-of-others@0.1.0");

using Crates = import "crates.capnp";
using Values = import "crate-values.capnp";
struct Shelf { crate @0 :Crates.Crate; kind @1 :Values.Kind; }
const mine :Crates.Crate = (size = (width = 1));
