@0xe8f4294e470f04e7;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-same-module@0.1.0");

using X = import "sub/schema.capnp";
struct A { b @0 :X.B; }
