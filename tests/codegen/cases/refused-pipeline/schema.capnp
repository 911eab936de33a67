@0xb1d4c9a07f6e2d38;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-pipeline@0.1.0");

interface A {
  m @0 () -> (a :A, n :UInt8) $Wit.pipeline;
}
