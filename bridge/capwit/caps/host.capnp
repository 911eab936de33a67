@0xc7af5792140100c7;
# Where programs run: a host starts instances of the code that it is given, on capabilities that come from
# anywhere. What its holder may start is bounded by a quota, which can only be handed on smaller.

using Wit = import "/capwit/wit.capnp";
using Http = import "/capwit/caps/http.capnp";
using Standard = import "/capwit/caps/standard.capnp";
$Wit.package("capwit:host@0.1.0");

struct HostGrant {
  # One thing that an instance is granted: a capability, or a value.

  name @0 :Text;
  # As a manifest names it: `store`, `wasi.stdout`, `wasi.preopens./data`. Where several interfaces that the code
  # imports have a `store`, with the one's name: `example:app/grants@0.1.0.store`.

  capability @1 :Capability;
  # What is granted. The instance's host keeps it until the instance has ended. None for a value.

  interfaceId @2 :UInt64;
  # The id of its interface in the schema. 0 where the grant itself tells: a `wasi.stdout` is a `Console` then.

  descriptor @3 :UInt32;
  # The descriptor that a preopen or a socket of a module is to have; 0 for one that is free.

  value @4 :Text;
  # What is granted, where that is no capability: JSON by its WIT type, as docs/hosts.md has it.

  capabilities @5 :List(Capability);
  # The capabilities in the value, which names them by their places here.
}

struct SpawnOptions {
  # What an instance is started with, besides its grants.

  name @0 :Text;
  # What records call it; its code's name where this is empty.

  args @1 :List(Text);
  # A program's arguments, its own name first.

  env @2 :List(Standard.EnvVar);
  # A program's environment.

  limits @3 :InstanceLimits;
}

struct InstanceLimits {
  # What one instance may use; 0 is for what the host gives any instance.

  fuel @0 :UInt64;
  # Wasm instructions, about, over its life.

  memory @1 :UInt64;
  # Bytes over all its memories.

  wall @2 :UInt64;
  # Nanoseconds that one call into it may take.

  handles @3 :UInt32;
  # Live handles.

  memories @4 :UInt32;
  # Linear memories.

  tables @5 :UInt32;
  # Tables.

  table @6 :UInt32;
  # Elements of each table.

  instances @7 :UInt32;
  # Core instances that a component is made of.
}

struct HostQuota {
  # What may be used by all that is started through one host capability; 0 is for no bound of its own.

  instances @0 :UInt32;
  # Instances that live at one time.

  memory @1 :UInt64;
  # Bytes that those may have together, by their limits.

  fuel @2 :UInt64;
  # Wasm instructions, about, in all.

  time @3 :UInt64;
  # Nanoseconds that each instance may live.

  code @4 :UInt64;
  # Bytes of code that is loaded at one time.
}

struct HostUsage {
  # What is in use of a quota.

  instances @0 :UInt32;
  memory @1 :UInt64;
  fuel @2 :UInt64;
  code @3 :UInt64;
}

struct GuestTrap {
  # How a guest trapped: in which function, by wasm's own word, and the guest's frames.

  function @0 :Text;
  reason @1 :Text;
  backtrace @2 :Text;
}

struct GuestEnd {
  # The kinds of bad end.

  union {
    other @0 :Void;
    # Anything else.

    closed @1 :Void;
    # The instance had been ended from outside.

    trap @2 :GuestTrap;
    # The guest trapped.

    limit @3 :Text;
    # The guest ran into a limit, by its name: `fuel`, `memory`, `wall`, ...

    notGranted @4 :Void;
    # It called a function of WASI that its grants do not cover, and that has no error to give.

    program @5 :Text;
    # The program's own answer was an error: its value, as JSON.

    unlinked @6 :Void;
    # There is no such export.
  }
}

struct GuestFailure {
  # Why a call of an instance, or the instance itself, has ended badly.

  message @0 :Text;
  # For a person to read.

  how @1 :GuestEnd;
}

struct GuestOutcome {
  # How a call of an instance, or the instance itself, has ended.

  union {
    returned @0 :Text;
    # A program has run, or a function of a component has returned: what it returned, as JSON.

    numbers @1 :List(UInt64);
    # A function of a core module has returned: its results, each as the bits of its type.

    exited @2 :UInt8;
    # The program has ended itself, by this code.

    failed @3 :GuestFailure;
    # Something else has ended it.
  }
}

struct InstanceStats {
  # How an instance is.

  ended @0 :Bool;
  # Whether it has ended: `wait` says how.

  handles @1 :UInt32;
  # Live handles that the guest holds.

  fuelLeft @2 :UInt64;
  # What is left of its fuel, or was when it ended; the highest number where it has no limit.
}

interface WasmHost {
  # Starts instances. All that was had through it ends with its holder: what nobody refers to any more is ended.

  load @0 (wasm :Data, name :Text) -> (code :WasmCode);
  # Takes a component or a core module; `name` is for messages. `failed` for what cannot run there, `exhausted`
  # where the quota has no room for it.

  spawn @1 (code :WasmCode, grants :List(HostGrant), options :SpawnOptions) -> (instance :WasmInstance);
  # Starts an instance of code that this host has loaded. `failed` where its imports ask for other grants,
  # `exhausted` where the quota has no room for it. One that ends while it starts is returned, too: `wait` says how
  # it ended.

  limited @2 (quota :HostQuota) -> (host :WasmHost);
  # A host whose use counts as this one's, and which ends where either quota does.

  usage @3 () -> (usage :HostUsage);
  # What is in use of what this host may.
}

interface WasmCode {
  # Code that a host has loaded. Its instances run on without any reference to it. Its room is free again
  # when there is none; by RPC, where it was passed to `spawn`, that is when the instance is let go, too.

  imports @0 () -> (names :List(Text));
  # What it imports: the names of interfaces, or of modules.

  exports @1 () -> (names :List(Text));
  # What it exports: the names of interfaces and functions.
}

interface AnswerSlot {
  # Where the answer to a request is put.

  put @0 (answer :Http.Answer);
  # Puts it there, once. Returns when its content has been read, or nobody has any use for it.
}

interface WasmInstance {
  # An instance. It ends when nobody refers to it any more.

  export @0 (name :Text) -> (capability :Capability);
  # Constructs an exported resource, by the name of its interface: `example:kv/kv@0.1.0.runner`, or `runner`. It lives
  # as long as the instance.

  run @1 (entry :Text) -> GuestOutcome;
  # Runs the program: calls its entry point, which is found where none is named.

  call @2 (function :Text, arguments :List(UInt64)) -> GuestOutcome;
  # Calls an exported function of a core module; arguments and results are bits of their types.

  wait @3 () -> GuestOutcome;
  # Returns when the instance has ended.

  kill @4 ();
  # Ends the instance. Returns when all that it held is released.

  stats @5 () -> InstanceStats;
  # How it is at the moment.

  invoke @6 (function :Text, arguments :Text) -> GuestOutcome;
  # Calls an exported function of a component, which takes and returns no resources: `arguments` is an array, and
  # what is `returned` a value, as JSON by their WIT types.

  handle @7 (request :Http.Request, slot :AnswerSlot) -> GuestOutcome;
  # Has a component answer a request, as one that exports WASI's HTTP handler. Returns when the guest has come to its
  # end, which may be after it has answered, and the content of its answer has been taken. Ending the call before ends
  # the instance.
}
