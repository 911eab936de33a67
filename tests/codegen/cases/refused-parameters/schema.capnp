@0xc14dd379943eedd6;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-parameters@0.1.0");

interface A {
  m @0 (getUrl :Text,
        getURL :Text);
}
