"""Addresses: as WASI has them, and as the capabilities do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from capwit.caps.endpoints import ip_of
from capwit.caps.net import IpAddressIpv4, IpAddressIpv6, Ipv6Address, NetworkError, SocketAddress
from capwit.caps.using import NetworkRefused
from capwit.engine.types import U8, U16, U32, Case, Enum, Field, Record, Tuple, Variant

from .network import refused

if TYPE_CHECKING:
    from capwit.caps.net import IpAddress

_HALF: Final = (1 << 64) - 1

# Values as the engine has them.
Ip: TypeAlias = tuple[str, tuple[int, ...]]
Address: TypeAlias = tuple[str, dict[str, Any]]

FAMILY: Final = Enum(("ipv4", "ipv6"), name="ip-address-family")
_IPV4: Final = Tuple((U8,) * 4)
_IPV6: Final = Tuple((U16,) * 8)
IP: Final = Variant((Case("ipv4", _IPV4), Case("ipv6", _IPV6)), "ip-address")
_IPV4_SOCKET: Final = Record(
    (Field("port", U16, "port"), Field("address", _IPV4, "address")), name="ipv4-socket-address"
)
_IPV6_SOCKET: Final = Record(
    (
        Field("port", U16, "port"),
        Field("flow-info", U32, "flow_info"),
        Field("address", _IPV6, "address"),
        Field("scope-id", U32, "scope_id"),
    ),
    name="ipv6-socket-address",
)
ADDRESS: Final = Variant((Case("ipv4", _IPV4_SOCKET), Case("ipv6", _IPV6_SOCKET)), "ip-socket-address")
ERROR_CODE: Final = Enum(tuple(error.value for error in NetworkError), name="error-code")


def ip_case(address: IpAddress) -> Ip:
    """Return an IP address as WASI has it."""
    match address:
        case IpAddressIpv4(number):
            return "ipv4", tuple(number.to_bytes(4, "big"))
        case IpAddressIpv6(bits):
            whole = bits.high << 64 | bits.low
            return "ipv6", tuple(whole >> shift & 0xFFFF for shift in range(112, -1, -16))


def address_case(address: SocketAddress) -> Address:
    """Return an address with a port as WASI has it."""
    family, ip = ip_case(address.ip)
    if family == "ipv4":
        return family, {"port": address.port, "address": ip}
    return family, {"port": address.port, "flow-info": address.flow, "address": ip, "scope-id": address.scope}


def address_of(case: Address) -> SocketAddress:
    """Return an address with a port as the capabilities have it."""
    family, value = case
    parts = value["address"]
    if family == "ipv4":
        return SocketAddress(IpAddressIpv4(int.from_bytes(bytes(parts), "big")), value["port"], 0, 0)
    whole = 0
    for part in parts:
        whole = whole << 16 | part
    ip = Ipv6Address(whole >> 64, whole & _HALF)
    return SocketAddress(IpAddressIpv6(ip), value["port"], value["flow-info"], value["scope-id"])


def own_address(case: Address, family: str, *, unicast: bool = False) -> SocketAddress:
    """Return the address that a socket of a family is to have.

    Raises:
        WasiError: it is of another family, or of none in particular.
    """
    if case[0] != family:
        raise refused(NetworkError.INVALID_ARGUMENT)
    address = address_of(case)
    try:
        ip = ip_of(address.ip)
    except NetworkRefused as error:  # an IPv4 address in the form of an IPv6 one
        raise refused(error.error) from None
    if ip.version == 6 and 1 < int(ip) < 1 << 32:  # the older form of that
        raise refused(NetworkError.INVALID_ARGUMENT)
    if unicast and (ip.is_multicast or str(ip) == "255.255.255.255"):
        raise refused(NetworkError.INVALID_ARGUMENT)
    return address


def peer_address(case: Address, family: str, *, unicast: bool = False) -> SocketAddress:
    """Return the address of a peer.

    Raises:
        WasiError: it is that of nobody, or of another family.
    """
    address = own_address(case, family, unicast=unicast)
    if not address.port or ip_of(address.ip).is_unspecified:
        raise refused(NetworkError.INVALID_ARGUMENT)
    return address
