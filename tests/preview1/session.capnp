@0xb7d04e1f93c2a685;
# A terminal that a core module is granted by name, not as one of the three streams it begins with.

using Wit = import "/capwit/wit.capnp";
using Streams = import "/capwit/caps/streams.capnp";
$Wit.package("test:session@0.1.0");

struct SessionGrants $Wit.grants("app") {
  terminal @0 :Streams.TerminalSession;
}
