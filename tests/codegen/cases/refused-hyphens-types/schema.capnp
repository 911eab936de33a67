@0x902666cca9b24b29;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-hyphens-types@0.1.0");

struct A1 $Wit.name("a-1") { a @0 :Text; }
struct A2 $Wit.name("a1") { a @0 :Text; }
