@0x9e2a000018c633b2;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-constant-required@0.1.0");

interface Door {}
struct Key { door @0 :Door $Wit.required; }
const key :Key = ();
