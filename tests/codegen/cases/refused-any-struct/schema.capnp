@0x86e6a5058eb35c84;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-any-struct@0.1.0");

interface A {
  m @0 (any :List(AnyStruct));
}
