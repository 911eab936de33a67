@0xd9a35d1f4be98278;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-guest-world@0.1.0");

interface Listener $Wit.guest("My App") {}
