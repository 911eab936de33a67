@0xa1ce078705d04ca6;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:recursive@0.1.0");

struct Tree {
  # A label, and what is below it.
  label @0 :Text;
  children @1 :List(Tree);
  owner @2 :Owner;
}
struct Chain {
  value @0 :UInt32;
  next @1 :Chain;
}
interface Owner { name @0 () -> (name :Text); }
interface Forest {
  grow @0 (tree :Tree) -> (tree :Tree);
  all @1 (trees :List(Tree)) -> (trees :List(Tree), first :Tree);
}
struct Holder { trees @0 :List(Tree); one @1 :Tree; }
