@0xae7e3ed7eb1bca57;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-case-class@0.1.0");

struct Shape {
  union { box @0 :Text; dot @1 :Void; }
}
struct ShapeBox { a @0 :Text; }
struct ShapeBoxCase { a @0 :Text; }
