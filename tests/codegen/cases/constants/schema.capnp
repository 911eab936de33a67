@0xf517017f1ed26c3a;
# Constants and defaults.

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:constants@0.1.0");

const limit :UInt32 = 4096;
# How much.
const name :Text = "a \"quoted\" \\ name";
const magic :Data = 0x"ca fe";
const ratio :Float64 = 0.25;
const infinite :Float32 = inf;
const yes :Bool = true;
const best :Grade = good;
enum Grade { bad @0; good @1; }
struct Settings {
  const depth :Int8 = -3;
  size @0 :UInt32 = 10;
  # In bytes.
  label @1 :Text = "none";
  grade @2 :Grade = good;
  flag @3 :Bool = true;
  ratio @4 :Float32 = 1.5;
  key @5 :Data = 0x"00ff";
  tags @6 :List(Text) = ["a", "b"];
}
interface Search {
  find @0 (text :Text, limit :UInt32 = 20, exact :Bool = false);
  # Looks for a text.
}
