@0xc1a4feb7f23c7440;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:extends-diamond@0.1.0");

interface Bottom extends(Left, Right, Top) { sink @0 () -> (ok :Bool); }
interface Left extends(Top) { turn @0 (); }
interface Right extends(Top) { veer @0 (); }
interface Top { spin @0 (text :Text) -> (text :Text); }
interface One extends(Left, Right) {}
interface Two extends(Right, Left) {}
interface Both extends(One, Two) $Wit.exports("app") {}
struct Grants $Wit.grants("app") { bottom @0 :Bottom; }
