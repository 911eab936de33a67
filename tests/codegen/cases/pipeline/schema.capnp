@0xa3bf0d244a4cb62c;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:pipeline@0.1.0");

interface A {
  m @0 () -> (a :A) $Wit.pipeline;
}
