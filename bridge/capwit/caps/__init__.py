"""The standard capabilities: their schema, what is generated from it, and local implementations."""
