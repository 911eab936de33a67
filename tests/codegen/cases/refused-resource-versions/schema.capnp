@0xd1e3c9a7b5f24683;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-resource-versions@0.1.0");

interface Source $Wit.resource(interface = "wasi:io/streams@0.2.0", name = "input-stream") {}
interface Pollable $Wit.resource(interface = "wasi:io/poll@0.2.3", name = "pollable") {}
