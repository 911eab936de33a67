@0xa8b360eee4fb2910;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-endless@0.1.0");

struct Foo(T) { next @0 :Foo(Foo(T)); value @1 :T; }
