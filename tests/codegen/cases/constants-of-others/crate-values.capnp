@0xf6b1a6a40ab2b0c5;
# Values of a struct that the file which imports this one has met before.
using Crates = import "crates.capnp";
enum Kind { plain @0; }
const small :Crates.Crate = (size = (label = "small"));
