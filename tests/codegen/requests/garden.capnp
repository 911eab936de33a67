@0xd2c7a3f1b4e59871;
# What grows where.

using Plants = import "plants.capnp";

struct Bed {
  # A piece of ground.
  plants @0 :List(Plants.Plant);  # What grows in it.
  area @1 :Float32 = 1.5;
}

interface Gardener {
  # Looks after beds.
  water @0 (bed :Bed, litres :UInt32) -> (missing :List(Text));
  # Waters a bed.
}
