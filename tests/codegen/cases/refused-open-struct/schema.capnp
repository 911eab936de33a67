@0xdda733ff9afd5a3f;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-open-struct@0.1.0");

struct A $Wit.open { a @0 :Text; }
