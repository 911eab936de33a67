@0x91557f3a591dc7ec;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-open-union@0.1.0");

struct A {
  u :union $Wit.open { a @0 :Text; b @1 :Void; }
}
