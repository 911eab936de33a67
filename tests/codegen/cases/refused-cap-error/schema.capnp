@0xe108b884cae9049d;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-cap-error@0.1.0");

struct CapError { a @0 :Text; }
