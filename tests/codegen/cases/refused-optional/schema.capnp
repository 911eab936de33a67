@0xe59a9d9108642837;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-optional@0.1.0");

struct A {
  a @0 :B $Wit.optional;
}
interface B {}
