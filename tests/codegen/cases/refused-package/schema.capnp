@0xc6b85dc7b4f184a0;

using Wit = import "/capwit/wit.capnp";

$Wit.package("Not A Package");
struct A { a @0 :Text; }
