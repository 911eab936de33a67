@0xd1e3c9a7b5f24681;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:foreign@0.1.0");

interface Source $Wit.resource(interface = "wasi:io/streams@0.2.0", name = "input-stream") {}
interface OutputStream $Wit.resource(interface = "wasi:io/streams@0.2.0", name = "output-stream") {}
interface Pollable $Wit.resource(interface = "wasi:io/poll@0.2.0", name = "pollable") {}
interface Connection $Wit.resource(interface = "acme:list/types@1.4.0", name = "connection") {
  # Of a package that is not known here.
}
interface Row $Wit.resource(interface = "acme:list/types@1.4.0", name = "record") {}

interface Files {
  open @0 (name :Text) -> (content :Source);
  append @1 (name :Text) -> (end :OutputStream, written :Pollable);
  copy @2 (from :Source, to :OutputStream, over :Connection $Wit.transfer);
  rows @3 () -> (rows :List(Row));
}
struct Pipe { from @0 :Source; to @1 :OutputStream $Wit.required; any @2 :Capability; }
struct Grants $Wit.grants("app") {
  files @0 :Files;
  log @1 :OutputStream;
  pipe @2 :Pipe $Wit.optional;
}
interface Job $Wit.exports("app") { run @0 (input :Source) -> (output :Source); }
