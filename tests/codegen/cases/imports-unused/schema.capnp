@0xb765d99422b765eb;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:imports-unused@0.1.0");

using Unused = import "unused.capnp";
struct Alone { a @0 :Text $Unused.note("only an annotation"); }
