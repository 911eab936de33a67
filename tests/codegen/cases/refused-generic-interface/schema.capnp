@0xe6cfbf42c023ab3d;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-generic-interface@0.1.0");

interface A(T) {
  get @0 (key :Text) -> (value :T);
}
