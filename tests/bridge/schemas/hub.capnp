@0xd6f3a1b2c4e59872;
# A guest that listens: interfaces that it implements with objects of its own, and who calls these.

using Wit = import "/capwit/wit.capnp";
$Wit.package("test:hub@0.1.0");

struct Event {
  topic @0 :Text;
  reply @1 :Listener;
}

struct Tree {
  label @0 :Text;
  children @1 :List(Tree);
  owner @2 :Listener;
}

interface Closable {
  close @0 () -> (was :Text);
}

interface Listener extends(Closable) $Wit.guest("app") {
  notify @0 (event :Event) -> (more :Bool);
  introduce @1 (to :Listener, gift :Listener $Wit.transfer) -> (back :Listener);
  push @2 (chunk :Data) -> stream;
  grow @3 (tree :Tree) -> (tree :Tree);
  release @4 (object :Text) -> (object :Text);
  # Named like what ends it, with a parameter named like its number.
}

interface Observer(T) $Wit.guest("app") {
  next @0 (value :T) -> (more :Bool);
}

interface Hub {
  subscribe @0 (listener :Listener);
  adopt @1 (listener :Listener $Wit.transfer);
  watch @2 (observer :Observer(List(UInt32)));
  call @3 (listener :Listener, topic :Text) -> (more :Bool);
  find @4 (number :UInt32) -> (listener :Listener);
  last @5 () -> (closable :Closable);
  wait @6 ();
}

interface Worker $Wit.exports("app") {
  exec @0 (code :Text) -> (said :Text);
}

struct Grants $Wit.grants("app") {
  hub @0 :Hub;
}
