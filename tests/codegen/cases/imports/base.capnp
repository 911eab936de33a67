@0xea1e12e8194cb34e;
struct Stamp { seconds @0 :UInt64; }
