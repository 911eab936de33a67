@0xcbfbac15aa331c71;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-required@0.1.0");

struct A {
  a @0 :Text $Wit.required;
}
