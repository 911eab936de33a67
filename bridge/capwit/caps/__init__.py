"""The standard capabilities: their schemas, what is generated from them, and local implementations."""

from .audit import JsonLinesAudit, LoggingAudit, MemoryAudit
from .fetch import HttpFetch
from .file_streams import FileSink, FileSource
from .host_files import HostDirectory
from .local import (
    FixedClock,
    Launch,
    MemoryConsole,
    SeededEntropy,
    SteppedTimer,
    StreamConsole,
    SystemEntropy,
    SystemTimer,
    SystemWallClock,
)
from .memory_files import MemoryDirectory
from .network import HostNetwork
from .open_sockets import open_connection, open_listener, open_udp
from .pipe import MemorySink, MemorySource, make_pipe
from .readonly import ReadOnlyDirectory, ReadOnlyFile
from .redirect import FileConsole, FileInput
from .resolver import HostResolver
from .scripts import DirectoryScripts, MemoryScripts
from .settings import ConfigOverlay, DictScope, FuelBudget
from .stores import DirectoryStore, MemoryStore
from .terminal import DescriptorSink, DescriptorSource, Terminal
from .using import FileRefused, NetworkRefused, open_flags, tcp_options, value

__all__ = [
    "ConfigOverlay",
    "DescriptorSink",
    "DescriptorSource",
    "DictScope",
    "DirectoryScripts",
    "DirectoryStore",
    "FileConsole",
    "FileInput",
    "FileRefused",
    "FileSink",
    "FileSource",
    "FixedClock",
    "FuelBudget",
    "HostDirectory",
    "HostNetwork",
    "HostResolver",
    "HttpFetch",
    "JsonLinesAudit",
    "Launch",
    "LoggingAudit",
    "MemoryAudit",
    "MemoryConsole",
    "MemoryDirectory",
    "MemoryScripts",
    "MemorySink",
    "MemorySource",
    "MemoryStore",
    "NetworkRefused",
    "ReadOnlyDirectory",
    "ReadOnlyFile",
    "SeededEntropy",
    "SteppedTimer",
    "StreamConsole",
    "SystemEntropy",
    "SystemTimer",
    "SystemWallClock",
    "Terminal",
    "make_pipe",
    "open_connection",
    "open_flags",
    "open_listener",
    "open_udp",
    "tcp_options",
    "value",
]
