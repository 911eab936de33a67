@0xbefdff043615c3fb;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:exports-self@0.1.0");

interface Node $Wit.exports("tree") {
  # Refers to itself: to the resource that the host declares, not to the one that is exported.
  attach @0 (child :Node) -> (others :List(Node));
}
