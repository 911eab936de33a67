"""Cap'n Proto RPC, by way of pycapnp."""

from .message import Message

__all__ = ["Message"]
