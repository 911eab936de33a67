"""Placing instances: a `WasmHost` capability of this process, for others to start instances by."""

from .entry import find_entry, run_entry
from .errors import ProgramError
from .local import Placing

__all__ = ["Placing", "ProgramError", "find_entry", "run_entry"]
