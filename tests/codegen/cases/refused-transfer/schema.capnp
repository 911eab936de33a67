@0xe063eeb887e88ae8;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-transfer@0.1.0");

interface A {
  m @0 (a :Text $Wit.transfer);
}
