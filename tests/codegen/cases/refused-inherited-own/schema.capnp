@0xa7744056f0c6db41;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-inherited-own@0.1.0");

interface A { stop @0 (); }
interface B extends(A) { stop @0 (hard :Bool); }
