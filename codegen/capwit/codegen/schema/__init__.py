"""A Cap'n Proto schema, read: a `.capnp` file or a `CodeGeneratorRequest` goes in, nodes come out."""
