@0x8b2b2ad7f6cf0f4e;
using Wit = import "/capwit/wit.capnp";
struct B { a @0 :Text; }
struct C { b @0 :B $Wit.skip; a @1 :Text; }
