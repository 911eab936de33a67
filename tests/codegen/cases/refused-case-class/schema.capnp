@0xae7e3ed7eb1bca57;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-case-class@0.1.0");

struct A { union { b @0 :Text; c @1 :Void; } }
struct AB { a @0 :Text; }
struct ABCase { a @0 :Text; }
