@0xc0a35d1f4be98274;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:guest-extends-base@0.1.0");

interface Sink {
  write @0 (chunk :Chunk) -> stream;
}

struct Chunk { bytes @0 :Data; }
