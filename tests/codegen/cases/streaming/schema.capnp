@0xb304adc33719d6cd;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:streaming@0.1.0");

interface Sink {
  write @0 (chunk :Data) -> stream;
  # The caller waits while the window is full.
  end @1 ();
}
