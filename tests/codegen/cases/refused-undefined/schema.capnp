@0xf62bdbc9dc0ffa49;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-undefined@0.1.0");

struct A {
  a @0 :Text;
  b @1 :Nope;
}
