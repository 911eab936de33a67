@0xb0d742238bcaa286;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-open-enum@0.1.0");

enum A $Wit.open { a @0; }
