@0xb3e616e21c780b06;
using Y = import "schema.capnp";
struct B { c @0 :Y.C; }
interface Loop extends(Y.Base) { turn @0 (c :Y.C) -> (a :Y.A); }
