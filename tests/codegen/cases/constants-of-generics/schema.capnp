@0xb495472902e0c154;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:constants-of-generics@0.1.0");

struct Box(T) { value @0 :T; more @1 :Box(T); kind @2 :Kind; enum Kind { a @0; b @1; } }
struct Pair(A, B) { a @0 :A; b @1 :B; swapped @2 :Swap(B, A); }
struct Swap(A, B) { a @0 :A; b @1 :B; }
struct Point { x @0 :Int32; y @1 :Int32 = 7; }
const box :Box(Point) = (value = (x = 1), kind = b);
const deep :Box(Point) = (more = (more = (value = (x = 2))));
const boxes :Box(Box(Text)) = (value = (value = "inner"));
const pair :Pair(Text, List(Int16)) = (a = "text", b = [1, 2], swapped = (a = [3], b = "swapped"));
const other :Pair(Data, List(Point)) = (a = "data", b = [(x = 3)]);
const none :Box(Point) = ();
