@0xb8d2a94f6c1e7035;
# A chat room that lives in a guest, for clients in any language.

using Wit = import "/capwit/wit.capnp";
$Wit.package("example:chat@0.1.0");

interface Listener {
  # What a client brings along.
  heard @0 (who :Text, text :Text) -> stream;
}

interface Seat $Wit.guest("app") {
  # A place in the room. To drop it is to leave.
  say @0 (text :Text) -> (listeners :UInt32);
  # Tells all others, and how many they are.
}

interface Room $Wit.exports("app") {
  # What a client gets first.
  join @0 (name :Text, listener :Listener $Wit.transfer) -> (seat :Seat);
  names @1 () -> (names :List(Text));
  # Of those who are there, in the order they came.
}
