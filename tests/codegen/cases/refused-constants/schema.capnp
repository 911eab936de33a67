@0x9e2a00003a210083;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-constants@0.1.0");

const aX :Int8 = 1;
struct A { const x :Int8 = 2; }
