@0x88fec603789c3271;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-inherited-twice@0.1.0");

interface A { stop @0 (); }
interface B { stop @0 (hard :Bool); }
interface C extends(A, B) {}
