@0xafcef4b99cb2a5a8;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:imports@0.1.0");

using Shared = import "shared.capnp";
using import "shared.capnp".Point;
interface Canvas {
  draw @0 (at :Point, pen :Shared.Pen) -> (shape :Shared.Shape);
}
struct Point2 { point @0 :Point; colour @1 :Shared.Colour; }
