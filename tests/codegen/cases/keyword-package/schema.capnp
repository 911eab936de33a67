@0xa0b37d2be7b51a41;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:stream@0.1.0");

using Other = import "interface.capnp";
interface Result { get @0 () -> (future :Other.Future); }
