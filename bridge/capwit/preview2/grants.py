"""Which grant is behind each of WASI 0.2's interfaces."""

from __future__ import annotations

from typing import Final

from capwit.caps.wasi import NOTHING, WasiGrants

__all__ = ["GRANT_OF", "NOTHING", "WITHOUT", "WasiGrants"]

# The grant that satisfies each interface; what is not here needs none of its own.
GRANT_OF: Final = {
    "wasi:cli/environment": "launch",
    "wasi:cli/stdin": "stdin",
    "wasi:cli/stdout": "stdout",
    "wasi:cli/stderr": "stderr",
    "wasi:cli/terminal-stdin": "stdin",
    "wasi:cli/terminal-stdout": "stdout",
    "wasi:cli/terminal-stderr": "stderr",
    "wasi:filesystem/preopens": "preopens",
    "wasi:clocks/monotonic-clock": "timer",
    "wasi:clocks/wall-clock": "wall_clock",
    "wasi:random/random": "entropy",
    "wasi:random/insecure": "entropy",
    "wasi:random/insecure-seed": "entropy",
    "wasi:http/outgoing-handler": "http",
    "wasi:sockets/instance-network": "network",
    "wasi:sockets/network": "network",
    "wasi:sockets/tcp": "network",
    "wasi:sockets/tcp-create-socket": "network",
    "wasi:sockets/udp": "network",
    "wasi:sockets/udp-create-socket": "network",
    "wasi:sockets/ip-name-lookup": "resolver",
}

# What a guest finds behind an interface whose grant it has not, where the calls' types do not tell.
WITHOUT: Final = {
    "wasi:cli/environment": "no arguments, no environment",
    "wasi:cli/stdin": "empty",
    "wasi:cli/stdout": "closed",
    "wasi:cli/stderr": "where stdout goes",
    "wasi:cli/terminal-stdin": "no terminal",
    "wasi:cli/terminal-stdout": "no terminal",
    "wasi:cli/terminal-stderr": "where stdout goes",
    "wasi:cli/terminal-input": "comes with a terminal",
    "wasi:cli/terminal-output": "comes with a terminal",
    "wasi:filesystem/preopens": "no folders",
    "wasi:filesystem/types": "comes with preopens",
    "wasi:cli/exit": "ends the guest, never the host",
    "wasi:clocks/monotonic-clock": "a call traps",
    "wasi:clocks/wall-clock": "a call traps",
    "wasi:random/random": "a call traps",
    "wasi:random/insecure": "a call traps",
    "wasi:random/insecure-seed": "a call traps",
    "wasi:io/error": "comes with streams",
    "wasi:io/poll": "comes with clocks and streams",
    "wasi:io/streams": "comes with stdin, stdout and stderr",
    "wasi:http/types": "comes with requests",
    "wasi:http/outgoing-handler": "refused: HTTP-request-denied",
    "wasi:sockets/instance-network": "a network that reaches nothing",
}
