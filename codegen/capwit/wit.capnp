@0xc4a7f1d2e9b35860;
# Annotations that steer how a Cap'n Proto schema becomes WIT.
# Import them as `using Wit = import "/capwit/wit.capnp";` - the file is installed with capwit and
# is found without any option.

annotation package @0x9b1f0c3ad27e4511 (file) :Text;
# The WIT package of a file, with its version: `$Wit.package("demo:kv@0.1.0")`.

annotation name @0x9b1f0c3ad27e4512 (*) :Text;
# The WIT label of what it stands on, in kebab-case, in place of the derived one.

annotation skip @0x9b1f0c3ad27e4513 (*) :Void;
# Leaves a declaration, and what only it needs, out of the WIT.

annotation open @0x9b1f0c3ad27e4514 (enum, union, struct, group) :Void;
# Adds a case `unknown` that carries the number of an enumerant or member that the schema does not name.

annotation transfer @0x9b1f0c3ad27e4515 (param, field) :Void;
# The method takes the capability over: `own<T>` where a parameter is a `borrow<T>` otherwise.

annotation required @0x9b1f0c3ad27e4516 (field) :Void;
# The capability in this field is never null: `own<T>` in place of `option<own<T>>`.

annotation optional @0x9b1f0c3ad27e4517 (field) :Void;
# The grant in this field of a grants struct may be absent: `option<T>`.

annotation pipeline @0x9b1f0c3ad27e4518 (method) :Void;
# The guest receives the method's capability at once, before the answer has come. It returns that alone.

annotation grants @0x9b1f0c3ad27e4519 (struct) :Text;
# The struct's fields are what a component of the named world is granted.

annotation exports @0x9b1f0c3ad27e451a (interface) :Text;
# A component of the named world exports this interface: a resource with a constructor.

annotation guest @0x9b1f0c3ad27e451b (interface) :Text;
# A component of the named world implements this interface with objects of its own, and passes them on.

struct Resource {
  interface @0 :Text;
  # The WIT interface that defines the resource: `wasi:io/streams@0.2.0`.
  name @1 :Text;
  # The resource's own name: `input-stream`.
}

annotation resource @0x9b1f0c3ad27e451c (interface) :Resource;
# The interface is a resource that WIT knows already.

annotation function @0x9b1f0c3ad27e451d (method) :Text;
# The function of a WIT interface that the method stands for, as a component names it: `[constructor]basket`.
# `capwit export` writes it where a function belongs to no object; a component that exports the WIT is called by it.
