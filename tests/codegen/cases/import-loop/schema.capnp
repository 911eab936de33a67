@0xb017c1924cdcb04f;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:import-loop@0.1.0");

using X = import "loop.capnp";
struct A { b @0 :X.B; }
struct C { a @0 :Text; }
interface Base { spin @0 (loop :X.Loop); }
