@0x955bb075af53a833;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-capability@0.1.0");

interface A {
  m @0 () -> (any :Capability);
}
