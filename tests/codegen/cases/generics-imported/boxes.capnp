@0xa1b0c6a1e4d2f3b9;
using Wit = import "/capwit/wit.capnp";
$Wit.package("case:generics-imported-boxes@0.1.0");
struct Box(T) { value @0 :T; }
struct Use { text @0 :Box(Text); }
struct Unused(T) { value @0 :T; }
