"""`wasi:sockets/instance-network`: the network of an instance, and how it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, cast

from capwit.bridge.errors import CapError, ErrorKind
from capwit.caps.net import NetworkError
from capwit.caps.using import NetworkRefused
from capwit.preview2.errors import WasiError

if TYPE_CHECKING:
    from capwit.caps.net import NetworkClient
    from capwit.preview2.context import Handler
    from capwit.preview2.grants import WasiGrants

# What a guest is told where the call itself fails.
_KINDS: Final = {
    ErrorKind.DENIED: NetworkError.ACCESS_DENIED,
    ErrorKind.REVOKED: NetworkError.ACCESS_DENIED,
    ErrorKind.DISCONNECTED: NetworkError.CONNECTION_ABORTED,
    ErrorKind.EXHAUSTED: NetworkError.NEW_SOCKET_LIMIT,
    ErrorKind.UNIMPLEMENTED: NetworkError.NOT_SUPPORTED,
}


def refused(error: NetworkError) -> WasiError:
    """Return the error of a call that a network refuses."""
    return WasiError(error.value)


def failed(error: CapError) -> WasiError:
    """Return the error of a call whose capability has failed."""
    if isinstance(error, NetworkRefused):
        return refused(error.error)
    return refused(_KINDS.get(error.kind, NetworkError.UNKNOWN))


class InstanceNetwork:
    """The network of an instance; without a grant it reaches nothing."""

    wit_resource: ClassVar = "wasi:sockets/network.network"

    def __init__(self, network: NetworkClient | None) -> None:
        """Stand for what is granted."""
        self._network = network

    def granted(self) -> NetworkClient:
        """Return the capability.

        Raises:
            WasiError: there is none.
        """
        if self._network is None:
            raise refused(NetworkError.ACCESS_DENIED)
        return self._network


def _instance_network(grants: WasiGrants) -> InstanceNetwork:
    return InstanceNetwork(cast("NetworkClient | None", grants.network))


# Every libc asks for the network before it asks anything of it, and that first call has no error to give.
HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:sockets/instance-network": {"instance-network": _instance_network},
}
