@0xb7edb749644d95ff;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:same-package@0.1.0");

using Twin = import "twin-part.capnp";
struct A { b @0 :Twin.B; }
interface Left extends(Twin.Right) { give @0 (b :Twin.B); }
