@0x9774f1acbc60f9fc;
struct Entry { a @0 :Text; }
interface Console { read @0 () -> (entry :Entry); }
