@0xbf3867313a9dbfd5;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:methods@0.1.0");

interface Service {
  # A service.
  nothing @0 ();
  # Takes and gives nothing.
  one @1 (a :Text) -> (b :Data);
  several @2 (a :Text, b :UInt64, c :List(Text)) -> (total :UInt64, names :List(Text), skipped :Void);
  # Gives several results.
  whole @3 Query -> Answer;
  mixed @4 Query -> (ok :Bool);
  back @5 (ok :Bool) -> Answer;
}
struct Query { text @0 :Text; limit @1 :UInt32; }
struct Answer { lines @0 :List(Text); }
