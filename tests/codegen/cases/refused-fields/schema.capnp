@0x81f50712bbcbe8ae;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-fields@0.1.0");

struct A {
  getUrl @0 :Text;
  getURL @1 :Text;
}
