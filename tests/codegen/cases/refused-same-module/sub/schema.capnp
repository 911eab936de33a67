@0xd2c7a3f1b4e59871;
using Wit = import "/capwit/wit.capnp";
$Wit.package("case:sub");
struct B { a @0 :Text; }
