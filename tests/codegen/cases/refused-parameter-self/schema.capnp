@0xe7adf7320afd5f7a;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-parameter-self@0.1.0");

interface A {
  m @0 (self :Text);
}
