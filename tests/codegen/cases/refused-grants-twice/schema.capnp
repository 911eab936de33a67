@0xf20da3ee127d1763;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-grants-twice@0.1.0");

struct A $Wit.grants("app") { a @0 :Text; }
struct B $Wit.grants("app") { a @0 :Text; }
