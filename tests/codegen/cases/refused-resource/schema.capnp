@0xbee46ea695f8f4fd;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-resource@0.1.0");

interface A $Wit.resource(interface = "wasi:io", name = "input-stream") {}
