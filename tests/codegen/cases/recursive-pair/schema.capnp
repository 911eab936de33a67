@0xd451beb586102e43;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:recursive-pair@0.1.0");

struct Json {
  # Any value of JSON.
  union {
    null @0 :Void;
    bool @1 :Bool;
    number @2 :Float64;
    string @3 :Text;
    array @4 :List(Json);
    object @5 :List(Field);
  }
  struct Field { name @0 :Text; value @1 :Json; }
}
struct A {
  name @0 :Text;
  inner :group { b @1 :B; text @2 :Text; }
  union { none @3 :Void; other @4 :A; }
}
struct B { all @0 :List(List(A)); }
interface Store { put @0 (json :Json, field :Json.Field) -> (json :Json, a :A); }
