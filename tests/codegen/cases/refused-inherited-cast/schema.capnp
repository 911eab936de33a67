@0x949f20050896051f;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-inherited-cast@0.1.0");

interface A {}
interface B extends(A) { asA @0 () -> (a :A); }
