# Written by `capwit export`: a later run keeps the ids and ordinals here.
@0xef492edd4eafe287;

using Wit = import "/capwit/wit.capnp";
$Wit.package("test:dep@0.3.0");
$Wit.name("shared");

enum Type @0xea88ca97a53f81da {
  a @0;
  b @1;
}
