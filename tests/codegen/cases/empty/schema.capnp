@0xae1cfa82b035c26c;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:empty@0.1.0");

struct Empty {}
struct Hollow { inner @0 :Empty; void @1 :Void; more :group { again @2 :Hollow2; } }
struct Hollow2 { inner @0 :List(Empty); }
struct OnlyVoid { a @0 :Void; b @1 :Empty; }
struct Choice { union { nothing @0 :OnlyVoid; something @1 :Text; } }
interface Service {
  ping @0 (a :Empty, b :Void) -> (c :OnlyVoid);
  pong @1 Empty -> OnlyVoid;
  count @2 (many :List(OnlyVoid)) -> (many :List(Void));
}
interface Marker {}
