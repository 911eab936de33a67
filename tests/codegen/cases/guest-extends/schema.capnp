@0xc0a35d1f4be98273;

using Wit = import "/capwit/wit.capnp";
using Base = import "sinks.capnp";
$Wit.package("case:guest-extends@0.1.0");

interface Listener extends(Base.Sink, Closable) $Wit.guest("app") {
  notify @0 (text :Text);
}

interface Closable { close @0 (); }

interface Hub { attach @0 (sink :Base.Sink) -> (closable :Closable); }

struct Grants $Wit.grants("app") { hub @0 :Hub; }
