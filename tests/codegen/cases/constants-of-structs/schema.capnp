@0xb3039442fa93f017;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:constants-of-structs@0.1.0");

const origin :Point = (x = 1, label = "origin");
const corners :List(Point) = [(x = 1.5), (y = 2, kind = dim)];
const matrix :List(List(Int32)) = [[1], [2, 3], []];
const root :Tree = (label = "root", children = [(label = "leaf")], next = (label = "after"));
const shape :Shape = (square = 2);
const sized :Sized = (name = "big", large = (x = 3));
const names :List(Text) = ["one"];
const bytes :List(UInt8) = [1, 2];
const nothing :Void = void;
const marker :Marker = ();
const markers :List(Marker) = [(), ()];
const loose :Loose = (any = .origin, list = .matrix);
const untold :AnyPointer = .corners;
struct Marker {}
struct Loose { any @0 :AnyPointer; null @1 :AnyStruct; list @2 :AnyList; marker @3 :Marker; }
struct Point {
  x @0 :Float64;
  y @1 :Float64 = 7;
  label @2 :Text;
  kind @3 :Kind = bright;
  data @4 :Data;
  nothing @5 :Void;
}
enum Kind { dim @0; bright @1; }
struct Tree { label @0 :Text; children @1 :List(Tree); next @2 :Tree; at @3 :Point; }
struct Shape { union { circle @0 :Void; square @1 :UInt8; } }
struct Sized { name @0 :Text = "unnamed"; union { small @1 :Void; large @2 :Point; } shape :group { depth @3 :Int8 = -1; } }
struct Defaults { point @0 :Point = (x = 2); list @1 :List(Int32) = [1, 2]; }
