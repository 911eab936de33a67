@0xcbc167cf6fe34502;
using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-same-package@0.2.0");
struct B { a @0 :Text; }
