@0x96cdc4a55e8926cb;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:generics-unbound@0.1.0");

struct Box(T) { value @0 :T; }
interface Cell(T) {
  get @0 () -> (value :T);
  set @1 (value :T);
  cast @2 [U] (key :Text, like :U) -> (value :U);
  box @3 [U] Box(U) -> Box(T);
}
struct Outer(T) {
  struct Inner { a @0 :T; b @1 :Box(T); }
  struct Pair(U) { a @0 :T; b @1 :U; }
  union { inner @0 :Inner; none @1 :Void; }
}
struct Uses {
  plain @0 :Box;
  any @1 :Box(AnyPointer);
  half @2 :Outer(Text).Pair;
  whole @3 :Outer(Text).Pair(Data);
  outer @4 :Outer(Uses2);
  cell @5 :Cell(Text);
}
struct Uses2 { group :group { box @0 :Box(List(Box(Text))); } }
