@0xb495472902e0c154;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-constant@0.1.0");

struct Box(T) { value @0 :T; }
struct Point { x @0 :Int32; }
const box :Box(Point) = (value = (x = 1));
