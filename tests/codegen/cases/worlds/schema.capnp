@0xa7a2069a8d5b864f;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:worlds@0.1.0");

using Caps = import "/capwit/caps/standard.capnp";

interface Store { get @0 (key :Text) -> (value :Data); }
interface Plugin $Wit.exports("plugin") {
  # Referred to by the grants of the other world, so it is a resource of its own too.
  act @0 (store :Store, now :Caps.Instant) -> (report :Report);
}
interface Runner $Wit.exports("app") { run @0 (); }
interface Clock $Wit.exports("app") { now @0 () -> (now :UInt64); }
struct Report { lines @0 :List(Text); }
struct AppGrants $Wit.grants("app") {
  # What the app holds.
  store @0 :Store;
  console @1 :Caps.Console $Wit.optional;
  plugin @2 :Plugin;
  # Does the work.
  name @3 :Text;
  nothing @4 :Void;
  limits :group { memory @5 :UInt64; }
  motto @6 :Text $Wit.optional;
}
struct PluginGrants $Wit.grants("plugin") { store @0 :Store; }
