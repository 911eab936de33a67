@0xd0f56ed1d4f22a4b;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-skipped-there@0.1.0");

using There = import "there.capnp";
struct A { b @0 :There.B; }
