@0xe1d2c7a3b4e59872;

struct S0 {
struct S1 {
struct S2 {
struct S3 {
struct S4 {
struct S5 {
struct S6 {
struct S7 {
struct S8 {
struct S9 {
struct S10 {
struct S11 {
struct S12 {
struct S13 {
struct S14 {
struct S15 {
struct S16 {
struct S17 {
struct S18 {
struct S19 {
struct S20 {
struct S21 {
struct S22 {
struct S23 {
struct S24 {
struct S25 {
struct S26 {
struct S27 {
struct S28 {
struct S29 {
struct S30 {
struct S31 {
struct S32 {
struct S33 {
struct S34 {
struct S35 {
struct S36 {
struct S37 {
struct S38 {
struct S39 {
struct S40 {
struct S41 {
struct S42 {
struct S43 {
struct S44 {
struct S45 {
struct S46 {
struct S47 {
struct S48 {
struct S49 {
struct S50 {
struct S51 {
struct S52 {
struct S53 {
struct S54 {
struct S55 {
struct S56 {
struct S57 {
struct S58 {
struct S59 {
struct S60 {
struct S61 {
struct S62 {
struct S63 {
struct S64 {
struct S65 {
struct S66 {
struct S67 {
struct S68 {
struct S69 {
a @0 :Text;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
