@0xa0b37d2be7b51a43;
using Wit = import "/capwit/wit.capnp";
$Wit.package("case:list@0.1.0");
struct Future { with @0 :Text; }
