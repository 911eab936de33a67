@0xd2f0a1b6c4e87931;
# What `capwit run app.cue` gives its evaluator of CUE: the sources, and nothing else.

using Wit = import "/capwit/wit.capnp";
using Store = import "/capwit/caps/store.capnp";
$Wit.package("capwit:cue@0.1.0");

struct CueGrants $Wit.grants("cue") {
  # What the evaluator holds.
  source @0 :Store.ScriptPackage;
  # The file to evaluate, and those beside it that are of its package.
}
