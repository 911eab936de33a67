@0xd229e8c9323ebd9f;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-struct-constant@0.1.0");

const a :B = (a = "x");
struct B { a @0 :Text; }
