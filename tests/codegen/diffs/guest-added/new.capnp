@0xd2c7a3f1b4e59871;
using Wit = import "/capwit/wit.capnp";
$Wit.package("demo:kv@0.1.0");

struct Entry {
  key @0 :Text;
}
enum Colour { red @0; green @1; }
struct Shape { union { box @0 :UInt32; ring @1 :Text; } }
interface Bucket {
  get @0 (key :Text) -> (entry :Entry);
  put @1 (entry :Entry) -> ();
}
interface Listener $Wit.guest("app") { notify @0 (entry :Entry); }
interface Runner $Wit.exports("app") { run @0 (shape :Shape) -> (colour :Colour); }
struct Grants $Wit.grants("app") { bucket @0 :Bucket; }
const limit :UInt32 = 5;
