@0xebb1e2bec1d7083f;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-extends@0.1.0");

interface A {}
interface B extends(A) {}
