@0x8f6f0f2bb74a1c15;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-hyphens-inherited@0.1.0");

interface A { readAll @0 (); }
interface B { readall @0 (); }
interface C extends(A, B) {}
