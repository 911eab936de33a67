"""WASI 0.2 on granted capabilities: a component front.

Host code hands out WASI's own resources by the classes here: `InputStream` of a `ByteSource`, `OutputStream`
of a `ByteSink` or `Console`, `Descriptor.of` a client of a `File` or `Directory`, `Pollable` of a wait.
"""

from .descriptors import Descriptor
from .front import Preview2
from .grants import WasiGrants
from .poll import Pollable, TimerPollable
from .streams import InputStream, OutputStream

__all__ = ["Descriptor", "InputStream", "OutputStream", "Pollable", "Preview2", "TimerPollable", "WasiGrants"]
