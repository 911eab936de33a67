module wit_component // what the bindings take it to be

go 1.25

require go.bytecodealliance.org/pkg v0.2.1
