@0xd1e3c9a7b5f24682;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-resource-methods@0.1.0");

interface Source $Wit.resource(interface = "wasi:io/streams@0.2.0", name = "input-stream") {
  read @0 (length :UInt64) -> (data :Data);
}
