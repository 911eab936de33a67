@0xa1b0c6a1e4d2f3a7;
using Wit = import "/capwit/wit.capnp";
$Wit.package("case:extends-imported-base@0.1.0");
interface Readable { read @0 (count :UInt32) -> (part :Part, more :Bool); }
interface Writable { write @0 (part :Part); }
struct Part { data @0 :Data; }
