# Written by `capwit export`: a later run keeps the ids and ordinals here.
@0xb434c5dd963a077b;

using Wit = import "/capwit/wit.capnp";
using TestOtherDeep = import "test-other-deep.capnp";
$Wit.package("test:folder");

interface First @0xece8249f779e946f {
  # The functions of `first`.
  f @0 (x :Text) -> (result :TestOtherDeep.D) $Wit.function("f");
}
