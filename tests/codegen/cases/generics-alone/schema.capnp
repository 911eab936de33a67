@0x91ba8a864510774b;
# The file that it imports holds nothing but generics, and so gives no module.

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:generics-alone@0.1.0");

using Lib = import "boxes.capnp";
struct Uses {
  text @0 :Lib.Box(Text);
  mine @1 :Lib.Box(Own);
}
struct Own { a @0 :Lib.Box(Data); }
