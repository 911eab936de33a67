@0x913fee6d3650a6f9;
# A file whose interface is named.

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:file-name@0.1.0");

$Wit.name("api");
struct Thing { a @0 :Text; }
interface Schema { get @0 () -> (thing :Thing); }
