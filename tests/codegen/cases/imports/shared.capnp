@0xb46f932b00339b9e;
# What several schemas share.
using Wit = import "/capwit/wit.capnp";
using Base = import "base.capnp";
$Wit.package("case:imports-shared@1.2.3");
struct Point { x @0 :Int32; y @1 :Int32; at @2 :Base.Stamp; }
enum Colour { red @0; }
interface Pen $Wit.exports("pen") { write @0 (); }
struct Shape { union { dot @0 :Point; none @1 :Void; } }
