@0xa5521d966b37c9a8;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-guest@0.1.0");

interface A $Wit.guest {}
