@0xc7207475a207bf54;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:refused-labels@0.1.0");

struct HttpServer { a @0 :Text; }
struct HTTPServer { a @0 :Text; }
