@0xd1e3c9a7b5f24684;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-resource-extended@0.1.0");

interface Source $Wit.resource(interface = "wasi:io/streams@0.2.0", name = "input-stream") {}
interface Seekable extends(Source) { seek @0 (to :UInt64); }
