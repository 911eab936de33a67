@0xca6936d1f091eef5;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-any-pointer@0.1.0");

struct A {
  any @0 :AnyPointer;
}
