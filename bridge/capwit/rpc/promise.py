"""What a promise has become: which object of this process, where a guest takes only what it has made itself.

Nothing in Cap'n Proto tells. But what we serve has one method more, which takes a token: the object that a
token of ours arrives at is what the promise was of, and a call arrives only once that is known. Whoever else
has a token can send it only to what it holds already.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import capnp
from capwit.bridge.errors import ErrorKind
from capwit.bridge.target import takes_back

from .remote import Remote
from .schema import ITSELF, own_schema
from .wire import Answer, as_cap_error

if TYPE_CHECKING:
    from capwit.bridge.binding import Method
    from capwit.bridge.capability import Client
    from capwit.bridge.target import Target

    from .crossing import Crossing
    from .served import Served
    from .vat import Vat


async def kept(
    target: Target, method: Method[Any], arguments: tuple[Any, ...], crossing: Crossing, vat: Vat
) -> tuple[Any, ...]:
    """Return the arguments of a call, once what its target is to have made itself is known to be that.

    What is none, though it is to be one, stays as it is: the target says what is wrong with it.

    Raises:
        CapError: a promise is broken, or its peer is gone.
    """
    own = takes_back(target, method)
    homes: dict[Target, Target | None] = {}

    def look(_: Any, client: Client) -> Client:
        if client.interface in own and isinstance(client.target, Remote):
            homes[client.target] = None
        return client

    def settle(_: Any, client: Client) -> Client:
        home = homes.get(client.target)
        return client if home is None else crossing.settle(client, home)

    if own:
        method.map_arguments(arguments, look)
    for remote in homes:
        assert isinstance(remote, Remote)
        home = await _find_home(vat, remote.capability)
        if home is None:
            return arguments
        homes[remote] = home.owned.target
    return method.map_arguments(arguments, settle) if homes else arguments


async def _find_home(vat: Vat, capability: Any) -> Served | None:
    """Return what we serve as pycapnp's client, once that is known; None if it is not of this process."""
    token = secrets.token_bytes(16)
    vat.asked[token] = None
    try:
        await _send(capability, token)
        home = vat.asked[token]
    except capnp.KjException as error:
        failed = as_cap_error(error)
        if failed.kind is ErrorKind.UNIMPLEMENTED:
            return None
        raise failed from None
    finally:
        del vat.asked[token]
    return home if home is not None and home.owned.live else None


async def take_token(served: Served, context: Any, vat: Vat) -> None:
    """Tell which object a token has arrived at. Where that is another process's, it knows the token."""
    token = context.params.token
    target = served.owned.target
    if token in vat.asked:
        vat.asked[token] = served
    elif isinstance(target, Remote):
        try:
            await _send(target.capability, token)
        except capnp.KjException as error:
            raise Answer(as_cap_error(error)) from None


async def _send(capability: Any, token: bytes) -> None:
    request = capability.cast_as(own_schema().itself)._request_helper(ITSELF, None, None, None)
    request.token = token
    await request.send()
