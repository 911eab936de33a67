@0xd55efd93bdcc0580;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-world-name@0.1.0");

interface A $Wit.exports("schema") {}
