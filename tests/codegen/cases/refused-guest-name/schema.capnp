@0xd8a35d1f4be98277;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-guest-name@0.1.0");

interface Listener $Wit.guest("app") {}
interface ListenerCalls $Wit.guest("app") {}
