@0xbae90033f63afc45;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-inherited-resource@0.1.0");

interface A { stop @0 (); }
interface Stop extends(A) {}
