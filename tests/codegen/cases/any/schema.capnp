@0xd6a7cd2a7371b1a1;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:any@0.1.0");

struct Holder {
  value @0 :AnyPointer;
  struct @1 :AnyStruct;
  list @2 :AnyList;
  values @3 :List(Capability);
  cap @4 :Capability;
  sure @5 :Capability $Wit.required;
}
interface Registry {
  put @0 (name :Text, cap :Capability);
  give @1 (cap :Capability $Wit.transfer);
  find @2 (name :Text) -> (cap :Capability);
  value @3 (value :AnyPointer) -> (value :AnyPointer);
}
interface Turner {
  turn @0 (lists :List(AnyList)) -> (lists :List(AnyList));
}
struct Grants $Wit.grants("app") { registry @0 :Registry; spare @1 :Capability $Wit.optional; }
