@0xe8e0ba7e4e2d3477;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:recursive-generic@0.1.0");

struct Link(T) { value @0 :T; next @1 :Link(T); }
struct Uses { texts @0 :Link(Text); own @1 :Link(Uses); any @2 :Link; }
