"""The way from what a peer offers to the capability that is meant: methods that return one, by names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capwit.bridge.binding import Bindings
from capwit.bridge.capability import Client
from capwit.bridge.errors import CapError, ErrorKind
from capwit.engine.types import Own, String

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.bridge.binding import Interface, Method
    from capwit.bridge.peers import Step


def way_to(interface: Interface, steps: Sequence[Step]) -> list[Method[Any]]:
    """Return the methods that some steps are, the last of which returns an `interface`.

    Raises:
        ValueError: a step is no method, takes other things than texts, or returns something else; or several
            packages have such methods.
    """
    wanted = {str(interface)}
    methods: list[Method[Any]] = []
    for step in reversed(steps):
        found = _methods(step)
        if not found:
            raise ValueError(f"{step}: no bindings have such a method")
        fitting = [
            method for method in found if isinstance(method.result, Own) and wanted & set(_lineage(method))
        ]
        if not fitting:
            raise ValueError(f"{step}: it returns no {' and no '.join(sorted(wanted))}")
        texts = [method for method in fitting if len(method.params) == len(step.arguments)]
        texts = [method for method in texts if all(isinstance(each.type, String) for each in method.params)]
        if not texts:
            taken = ", ".join(each.label for each in fitting[0].params) or "nothing"
            raise ValueError(f"{step}: the method takes {taken}, and a step gives texts, one for each")
        if len(texts) > 1:
            raise ValueError(f"{step}: several packages have such a method")
        methods.insert(0, texts[0])
        # What has the method may be known as anything that extends its interface.
        wanted = {str(texts[0].interface)}
    return methods


def _methods(step: Step) -> list[Method[Any]]:
    known = [each for bindings in Bindings.loaded.values() for each in bindings.interfaces]
    named = [interface.methods.get(step.method) for interface in known if interface.name == step.interface]
    return list(dict.fromkeys(method for method in named if method is not None))


def _lineage(method: Method[Any]) -> list[str]:
    return [name for interface in method.leads_to() for name in interface.lineage]


async def walk(client: Client, methods: Sequence[Method[Any]], steps: Sequence[Step]) -> Client:
    """Return a client of what some steps lead to, and release what is on the way.

    Raises:
        CapError: a step has failed; the message says which.
    """
    for method, step in zip(methods, steps, strict=True):
        try:
            found = await client._call(method, *step.arguments)
        except CapError as error:
            raise CapError(error.kind, f"{step}: {error.reason}") from None
        finally:
            await client.close()
        if not isinstance(found, Client):
            raise CapError(ErrorKind.FAILED, f"{step}: the answer is null, and no capability")
        client = found
    return client
