@0xc6f0b9d41a7e5823;
# Where components leave WASI's own descriptors for each other.

using Wit = import "/capwit/wit.capnp";
$Wit.package("test:shelf@0.1.0");

interface Descriptor $Wit.resource(interface = "wasi:filesystem/types@0.2.0", name = "descriptor") {}

interface Shelf {
  put @0 (folder :Descriptor $Wit.transfer);
  # Leaves it.

  take @1 () -> (folder :Descriptor);
  # Takes what was left.
}

struct Grants $Wit.grants("app") {
  shelf @0 :Shelf;
}
