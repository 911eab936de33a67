"""`wasi:random`: every interface of it draws on the granted source.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/random
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import InstanceEnded, Limit, LimitExceeded
from capwit.caps.standard import ENTROPY_SOURCE

from .context import Handler, answer, ask, granted

if TYPE_CHECKING:
    from capwit.bridge.binding import Method

    from .grants import WasiGrants

_FILL: Final[Method[bytes]] = ENTROPY_SOURCE.methods["fill"]
_SEED: Final = "wasi:random/insecure-seed"
_MOST: Final = 1024 * 1024  # bytes a call may ask for: they are host memory until the guest has them


async def _bytes(grants: WasiGrants, length: int) -> bytes:
    entropy = granted(grants.entropy, "wasi:random", "entropy")
    if length > _MOST:
        raise LimitExceeded(Limit.ARGUMENTS, f"wasi:random: {length} bytes at once, the most is {_MOST}")
    data = await answer(ask(entropy, _FILL, length))
    if not isinstance(data, bytes) or len(data) != length:
        given = f"{len(data)} bytes" if isinstance(data, bytes) else f"a {type(data).__name__}"
        raise InstanceEnded(f"wasi:random: the entropy source gave {given} in place of {length} bytes")
    return data


async def _u64(grants: WasiGrants) -> int:
    return int.from_bytes(await _bytes(grants, 8), "little")


async def _seed(grants: WasiGrants) -> tuple[int, int]:
    """Return the seed of an instance, which is drawn once."""
    seed: tuple[int, int] | None = grants.kept.get(_SEED)
    if seed is None:
        seed = grants.kept[_SEED] = await _u64(grants), await _u64(grants)
    return seed


HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:random/random": {"get-random-bytes": _bytes, "get-random-u64": _u64},
    "wasi:random/insecure": {"get-insecure-random-bytes": _bytes, "get-insecure-random-u64": _u64},
    "wasi:random/insecure-seed": {"insecure-seed": _seed},
}
