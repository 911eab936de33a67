@0xcbc167cf6fe34577;
using Wit = import "/capwit/wit.capnp";
$Wit.package("case:same-package@0.1.0");
struct B { a @0 :Text; }
interface Right { take @0 () -> (b :B); }
