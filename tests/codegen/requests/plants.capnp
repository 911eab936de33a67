@0xd2c7a3f1b4e59872;
# What can grow.

struct Plant {
  name @0 :Text;  # In Latin.
  colour @1 :Colour;
}

enum Colour {
  green @0;
  red @1;  # Not in winter.
}
