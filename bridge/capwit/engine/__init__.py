"""Marshalling plans and fibers over wasmtime's C API. This layer knows no capabilities."""
