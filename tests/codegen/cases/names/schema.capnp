@0xaeb24056810d3d1f;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:names@0.1.0");

struct HTTPServer {
  getURL @0 :Text;
  sha256Sum @1 :Data;
  x @2 :Bool;
  aB @3 :Bool;
  utf8Text @4 :Text;
}
enum Word { use @0; type @1; func @2; result @3; none @4; errorContext @5; list @6; ownIt @7; }
interface Resource { async @0 (from :Text, class :Text) -> (world :UInt32); import @1 (); from @2 (); static @3 (); constructor @4 (); }
struct Record { record @0 :Text; variant @1 :List(Word); map @2 :Bool; }
struct Own { self @0 :Text; field @1 :Text; own @2 :Bool; }
struct None { some @0 :Text; }
struct Option { union { none @0 :Void; some @1 :None; } }
struct Kept $Wit.name("renamed-thing") {
  field @0 :Text $Wit.name("other-field");
  group :group $Wit.name("bunch") { a @1 :Bool; }
  struct Inner $Wit.name("not-prefixed") { a @0 :Bool; }
  union { left @2 :Inner $Wit.name("port"); right @3 :Void; }
}
interface Caller $Wit.name("phone") {
  call @0 (who :Text $Wit.name("whom")) -> (a :Bool, b :Bool $Wit.name("bee")) $Wit.name("ring-up");
}
