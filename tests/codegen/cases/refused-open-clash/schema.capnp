@0xa45e0c519ee9dfd8;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-open-clash@0.1.0");

enum A $Wit.open { known @0; unknown @1; }
