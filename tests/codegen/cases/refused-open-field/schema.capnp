@0xfd5c32a21a91cfa4;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-open-field@0.1.0");

struct A { inner :group $Wit.open { a @0 :Text; } }
