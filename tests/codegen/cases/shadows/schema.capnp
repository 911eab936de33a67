@0xfafa1f76da27f4c8;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:shadows@0.1.0");

using Caps = import "/capwit/caps/standard.capnp";
struct Sequence { int @0 :Int32; str @1 :Text; bytes @2 :Data; bool @3 :Bool; float @4 :Float32; others @5 :List(UInt16); }
interface Protocol {
  list @0 (prefix :Text) -> (all :List(Text));
  str @1 () -> (str :Text);
  int @2 (int :Int64, str :Text) -> (int :Int64);
  wit @3 () -> (protocol :Protocol);
  standard @4 (console :Caps.Console) -> (instant :Caps.Instant);
  builtins @5 () -> (sequence :Sequence);
  self @6 (self1 :Enum);
  type @7 () -> (type :TypeAlias);
  protocol @8 () -> (any :MaybeAwaitable) $Wit.name("itself");
}
enum Enum { enum @0; name @1; value @2; mro @3; }
struct TypeAlias { union { final @0 :Void; dataclass @1 :Text; } }
interface MaybeAwaitable { close @0 () -> (closed :Bool); keep @1 () -> (kept :MaybeAwaitable); target @2 (); owned @3 (); }
struct Bindings { bindings @0 :Bool; }
interface Final { final1 @0 (); }
interface A { bC @0 (); }
interface AB { c @0 (); }
struct Client { client @0 :Wit2; }
struct Wit2 { wit @0 :Text; }
struct Grants $Wit.grants("shadows-world") { str @0 :Text; grantsInterface @1 :Protocol; standard @2 :Caps.Timer; }
struct WitField { wit @0 :Text; value @1 :AnyPointer; }
interface WitMethod { wit @0 (wit :AnyPointer) -> (wit :AnyPointer); other @1 (value :AnyPointer); }
