@0xc87f2a5d96efb689;
struct B {
  a @0 :Text;
  a @0 :Text;
}
