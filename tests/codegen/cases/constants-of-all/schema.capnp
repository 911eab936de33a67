@0xa1b8d2c4e6f01356;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:constants-of-all@0.1.0");

const least8 :Int8 = -128;
const least16 :Int16 = -32768;
const least32 :Int32 = -2147483648;
const least64 :Int64 = -9223372036854775808;
const most8 :UInt8 = 255;
const most16 :UInt16 = 65535;
const most32 :UInt32 = 4294967295;
const most64 :UInt64 = 18446744073709551615;
const half :Float32 = 0.1;
const huge :Float64 = 1e300;
const notANumber :Float64 = nan;
const below :Float32 = -inf;
const no :Bool = false;
const empty :Text = "";
const text :Text = "tab\t newline\n nul\x00 é";
const bytes :Data = "";
const kinds :List(Kind) = [b, a];
const chunks :List(Data) = ["x", 0x"00"];
const bits :List(Bool) = [true, false];
const reals :List(Float32) = [nan, inf, 0.5];
const grid :List(List(Text)) = [["a"], []];
const group :Grouped = (inner = (a = 1), way = (other = void));
const doors :Doors = ();
const class :Text = "a keyword";
const nested :List(Grouped) = [(inner = (b = 2)), (way = (door = "x"))];
enum Kind { a @0; b @1; }
struct Grouped {
  inner :group { a @0 :Int8; b @1 :Int8 = 7; }
  way :union { door @2 :Text = "oak"; other @3 :Void; }
}
struct Doors { door @0 :Door; doors @1 :List(Door); }
interface Door {}
