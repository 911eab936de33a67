@0xf0d2a7746be93a15;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-hyphens-packages@0.1.0");
$Wit.name("entries");

struct Entry { a @0 :Text; }
