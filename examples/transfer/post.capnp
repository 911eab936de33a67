@0xe19b4c7da2f05386;
# A parcel that three components hand on: the sender has the office pack it, the courier carries it, the
# recipient opens it. Who holds the parcel can open it, and nobody else can.

using Wit = import "/capwit/wit.capnp";
using Caps = import "/capwit/caps/standard.capnp";
$Wit.package("demo:post@0.1.0");

interface Parcel {
  # Something in a box.
  label @0 () -> (label :Text);
  open @1 () -> (contents :Text);
}

interface Office {
  # Where parcels come from; the host's.
  pack @0 (label :Text, contents :Text) -> (parcel :Parcel);
  recall @1 (reason :Text);
  # Revokes every parcel it has packed, whoever holds it.
}

interface Courier $Wit.exports("courier") {
  # Carries parcels.
  deliver @0 (parcel :Parcel $Wit.transfer) -> (answer :Text);
  # Gives the recipient the parcel, and brings back the answer.
  inquire @1 () -> (answer :Text);
  # Asks the recipient to look into the parcel again.
}

interface Recipient $Wit.exports("recipient") {
  # Keeps what it is given.
  accept @0 (parcel :Parcel $Wit.transfer) -> (answer :Text);
  look @1 () -> (answer :Text);
}

interface Sender $Wit.exports("sender") {
  # The program.
  run @0 ();
}

struct SenderGrants $Wit.grants("sender") {
  office @0 :Office;
  courier @1 :Courier;
  console @2 :Caps.Console;
}

struct CourierGrants $Wit.grants("courier") {
  recipient @0 :Recipient;
}
