@0xa91d750abfe3df03;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-generic-method@0.1.0");

interface A {
  get @0 [T] (key :Text) -> (value :T);
}
