# Written by `capwit export`: a later run keeps the ids and ordinals here.
@0xa19effbe00470c62;

using Wit = import "/capwit/wit.capnp";
$Wit.package("test:folder");
