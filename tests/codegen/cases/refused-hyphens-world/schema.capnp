@0xe0a5d18f3f4c2277;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-hyphens-world@0.1.0");
$Wit.name("key-store");

struct Grants $Wit.grants("keystore") { limit @0 :UInt32; }
