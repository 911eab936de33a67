@0xd3f1b0a7c5e94826;
# What is far away from a guest, in the tests of RPC.

using Wit = import "/capwit/wit.capnp";
$Wit.package("test:far@0.1.0");

interface Node {
  name @0 () -> (name :Text);
  child @1 (name :Text) -> (node :Node) $Wit.pipeline;
  # One below it, had at once.
  find @2 (name :Text) -> (node :Node);
  # One below it, had when the answer has come.
  same @3 (other :Node) -> (same :Bool);
  hold @4 (node :Node) -> ();
  # Keeps what it is lent.
  held @5 () -> (node :Node);
  # What it keeps.
  ask @6 (node :Node) -> (name :Text);
  # Asks what it is lent for its name.
  fail @7 (kind :UInt8) -> ();
  # 0 to 3: the kinds that Cap'n Proto has.
  wait @8 () -> ();
  # Never answers.
  write @9 (data :Data) -> stream;
  written @10 () -> (bytes :UInt64);
}

struct FarGrants $Wit.grants("app") {
  far @0 :Node;
  near @1 :Node $Wit.optional;
}

interface Runner $Wit.exports("app") {
  run @0 (steps :Text) -> (said :Text);
}
