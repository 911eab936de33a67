@0x9a3f6d21c7b85e04;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-broad-structs@0.1.0");

struct S0 { a @0 :UInt8; b @1 :Text; }
struct S1 { a @0 :S0; b @1 :List(S0); }
struct S2 { a @0 :S1; union { b @1 :S1; c @2 :List(List(S1)); } }
struct S3 { a @0 :S2; b @1 :S2; c @2 :S2; d @3 :S2; }
struct S4 { a @0 :S3; b @1 :S3; c @2 :S3; d @3 :S3; }
struct S5 { a @0 :S4; b @1 :S4; c @2 :S4; d @3 :S4; }
struct S6 { a @0 :S5; b @1 :S5; c @2 :S5; d @3 :S5; }
struct S7 { a @0 :S6; b @1 :S6; c @2 :S6; d @3 :S6; }
interface Holder { hold @0 (it :S7) -> (it :S7); }
