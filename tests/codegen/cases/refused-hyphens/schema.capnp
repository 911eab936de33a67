@0xb1d7a3c0f5e26491;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-hyphens@0.1.0");

struct Fields { aB @0 :Text; ab @1 :Text; }
