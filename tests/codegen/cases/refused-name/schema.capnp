@0xb2640c585335afee;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-name@0.1.0");

struct A $Wit.name("NotKebab") { a @0 :Text; }
