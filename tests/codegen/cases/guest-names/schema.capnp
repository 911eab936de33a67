@0xd7a35d1f4be98276;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:guest-names@0.1.0");

interface Wrap $Wit.guest("app") {
  # Its name is that of the function that makes it.
  release @0 (object :UInt32, theObject :UInt32) -> (handle :Release);
  call @1 (handle :CallRelease, number :NumberOf) -> (wrap :Wrap);
}
interface NumberOf $Wit.guest("app") { wrap @0 (); }
interface Result $Wit.guest("app") $Wit.name("result") { type @0 (func :Text); }
interface Calls $Wit.guest("guest") { import @0 (); }

struct Release { a @0 :UInt8; }
struct CallRelease { a @0 :UInt8; }
