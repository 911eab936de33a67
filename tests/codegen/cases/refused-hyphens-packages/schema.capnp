@0xe6a1b0c94d2f7781;

using Wit = import "/capwit/wit.capnp";
using Other = import "other.capnp";
$Wit.package("case:refused-hyphenspackages@0.1.0");
$Wit.name("entries");

struct Entry { other @0 :Other.Entry; }
