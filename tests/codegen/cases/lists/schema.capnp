@0xcc14c4a453f98de4;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:lists@0.1.0");

struct Lists {
  texts @0 :List(Text);
  bytesAsList @1 :List(UInt8);
  bits @2 :List(Bool);
  grid @3 :List(List(Float64));
  chunks @4 :List(Data);
  ticks @5 :List(Void);
  points @6 :List(Point);
  colours @7 :List(List(Colour));
}
struct Point { x @0 :Int32; y @1 :Int32; }
enum Colour { red @0; green @1; }
