"""Manifests in CUE: CUE's own library, as a guest, turns one into what TOML would say.

`main.go` is the guest, built for wasip1 when it is first needed. `evaluator.capnp` says what it is granted:
the sources. It has no folder, no environment and no network.
"""

from .evaluate import evaluate

__all__ = ["evaluate"]
