@0xa1b0c6a1e4d2f3bb;
using Wit = import "/capwit/wit.capnp";
$Wit.package("case:generics-alone-boxes@0.1.0");
struct Box(T) { value @0 :T; }
