@0x9a549f4e2f387ae7;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-method-like-resource@0.1.0");

interface Bucket {
  bucket @0 ();
}
