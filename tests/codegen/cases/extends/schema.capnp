@0x8e7ce76b88cc45a2;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:extends@0.1.0");

interface Closable {
  # Something that ends.
  close @0 () -> (last :Bool);
  # Ends it.
}
interface Topic extends(Closable) {
  # Where messages are published.
  publish @0 (text :Text) -> (count :UInt64, late :UInt64);
  subscribe @1 (closable :Closable) -> (topic :Topic);
}
interface Plain extends(Topic) {}
