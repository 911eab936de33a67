@0xb0d1f6a27c3e4985;
# Two grants interfaces that have grants of the same names.

using Wit = import "/capwit/wit.capnp";
using Caps = import "/capwit/caps/standard.capnp";
$Wit.package("test:twins@0.1.0");

struct OneGrants $Wit.grants("one") {
  limit @0 :UInt32 $Wit.optional;
  fuel @1 :List(Caps.FuelGrant) $Wit.optional;
}

struct OtherGrants $Wit.grants("other") {
  limit @0 :UInt32 $Wit.optional;
}
