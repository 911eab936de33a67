@0xd7d6be5f28ac1f0b;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-hyphens-resource@0.1.0");

interface KeyStore {
  keystore @0 ();
}
