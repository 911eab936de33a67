@0x95b72c1be2f9e5b1;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:constants-of-recursive@0.1.0");

struct Chain { union { next @0 :Chain; end @1 :UInt8; } }
struct Pair { union { tree @0 :Tree; none @1 :Void; } }
struct Tree { pair @0 :Pair; all @1 :List(Pair); size @2 :UInt8 = 3; }
struct Grouped { group :group { inner @0 :Grouped; union { left @1 :Grouped; right @2 :Void; } } }
const null :Chain = ();
# Its first member is set, and null: read as a default, it would have a null in itself, without end.
const short :Chain = (next = (end = 3));
const several :List(Chain) = [(), (next = (next = ())), (end = 0)];
const pair :Pair = ();
const deeper :Pair = (tree = (pair = (none = void)));
const grouped :Grouped = (group = (inner = ()));
