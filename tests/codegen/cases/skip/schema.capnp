@0xc2e93b9bb77d8a73;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:skip@0.1.0");

struct Kept { a @0 :Text; secret @1 :Secret $Wit.skip; shared @2 :Shared; }
struct Secret { inner @0 :Inner; shared @1 :Shared; generic @2 :Box(Text); }
struct Inner { a @0 :Text; }
struct Shared { a @0 :Text; }
struct Box(T) $Wit.skip { value @0 :T; struct Nested { a @0 :Bool; } }
enum Level { low @0; mid @1 $Wit.skip; high @2; }
interface Service {
  one @0 (a :Text, b :Bool $Wit.skip) -> (c :Text, d :AnyPointer $Wit.skip);
  two @1 (x :OnlyTwo) $Wit.skip;
}
struct OnlyTwo { a @0 :AnyPointer; }
