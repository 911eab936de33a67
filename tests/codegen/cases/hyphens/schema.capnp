@0xa3c1f7be09d25d6f;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:hyphens@0.1.0");

# Names that WIT would not tell apart, where the generator chooses one of the two: it chooses another.

struct GEtLimit { aB @0 :Text; c @1 :Text; }

struct Grants $Wit.grants("app") { limit @0 :GEtLimit; }

interface Door $Wit.guest("app") { open @0 (objEct :Text) -> (limit :ReLease); }

struct ReLease { a @0 :Text; }
