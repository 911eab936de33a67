"""What changed between two versions of a schema: on the wire, and in WIT."""
