@0xc868109eb36f15b9;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-endless-list@0.1.0");

struct Foo(T) { next @0 :Foo(List(Foo(Text))); other @1 :Foo(Pair(T, T)); }
struct Pair(A, B) { a @0 :A; b @1 :B; }
