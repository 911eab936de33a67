"""WASI 0.2 on granted capabilities: a component front.

This release serves arguments, environment, output, clocks and randomness. Everything else is there
for a component to link to, and refuses each call with that call's own error.
"""

from .front import Preview2
from .grants import WasiGrants
from .poll import Pollable, TimerPollable
from .streams import InputStream, OutputStream

__all__ = ["InputStream", "OutputStream", "Pollable", "Preview2", "TimerPollable", "WasiGrants"]
