@0xfcbfa8b476b9c733;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-pipeline@0.1.0");

interface A {
  m @0 () -> (a :A) $Wit.pipeline;
}
