@0xa90559b3be58ac75;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-generic-struct@0.1.0");

struct Box(T) {
  value @0 :T;
}
