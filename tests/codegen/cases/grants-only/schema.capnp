@0xd681c1fb79589cf1;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:grants-only@0.1.0");

using Caps = import "/capwit/caps/standard.capnp";
struct ToolGrants $Wit.grants("tool") { console @0 :Caps.Console; }
