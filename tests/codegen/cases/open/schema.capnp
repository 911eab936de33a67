@0xa348f99874421257;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:open@0.1.0");

enum Level $Wit.open {
  # How loud.
  low @0;   # A whisper.
  high @1;
}
struct Event {
  level @0 :Level = high;
  what :union $Wit.open { started @1 :Text; stopped @2 :Void; }
}
struct Shape $Wit.open { union { circle @0 :Float64; square @1 :Float64; } }
struct Sized $Wit.open { name @0 :Text; union { small @1 :Void; large @2 :UInt8; } }
struct Grouped { inner :group $Wit.open { a @0 :Text; union { b @1 :Void; c @2 :Void; } } }
interface Log { write @0 (event :Event, level :Level) -> (shape :Shape); }
const loudest :Level = high;
