@0x91a315a033b1f454;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-any-list@0.1.0");

struct A {
  union { any @0 :AnyList; none @1 :Void; }
}
