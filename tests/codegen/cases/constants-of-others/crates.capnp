@0xe3c1ad3e2bc3a1b7;
struct Crate { size :group { width @0 :Float64; label @1 :Text; } }
