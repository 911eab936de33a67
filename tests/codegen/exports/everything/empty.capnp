# Written by `capwit export`: a later run keeps the ids and ordinals here.
@0xaa90803c8e814314;

using Wit = import "/capwit/wit.capnp";
$Wit.package("test:everything@1.2.0-rc.1+build.7");
