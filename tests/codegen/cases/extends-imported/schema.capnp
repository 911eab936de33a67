@0xeae04a9033598489;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:extends-imported@0.1.0");

using Streams = import "streams.capnp";
interface File extends(Streams.Readable, Streams.Writable) {
  size @0 () -> (bytes :UInt64);
}
