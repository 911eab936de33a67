@0xc7a80dc1236e1376;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-client-class@0.1.0");

interface A {}
struct AClient { a @0 :Text; }
