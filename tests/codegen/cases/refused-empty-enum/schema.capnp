@0xdfbc5787ced0a179;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-empty-enum@0.1.0");

enum A {}
