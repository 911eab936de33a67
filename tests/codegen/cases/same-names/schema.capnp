@0xb486701655acf8e2;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:same-names@0.1.0");

using Other = import "same_names_other.capnp";
using Caps = import "/capwit/caps/standard.capnp";
struct Entry { other @0 :Other.Entry; }
interface Console { use @0 (mine :Console, other :Other.Console, caps :Caps.Console) -> (entry :Other.Entry); }
struct Same $Wit.grants("same") { mine @0 :Console; other @1 :Other.Console; caps @2 :Caps.Console; store @3 :GetMine; }
struct GetMine { a @0 :Text; }
