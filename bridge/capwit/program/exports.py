"""Which interface of a component is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capwit.bridge.errors import LinkError
from capwit.bridge.exports import check_exported, find_exported, find_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capwit.bridge.app import App
    from capwit.bridge.binding import Interface
    from capwit.bridge.capability import Client


def find_export(app: App, name: str | None = None) -> type[Client]:
    """Return the client class of an interface that a component exports, and that its bindings know.

    That is what `name` names, in full (`example:kv/kv@0.1.0.runner`) or without its package (`runner`);
    else the only one.

    Raises:
        LinkError: there is none, or more than one.
    """
    known: dict[str, Interface] = {}
    for interface in _exported(app):
        known.setdefault(str(interface), interface)
    found = known if name is None else {full: each for full, each in known.items() if _is(each, full, name)}
    if len(found) == 1:
        return next(iter(found.values())).client
    if found:
        what = f"it exports several interfaces: {', '.join(found)}"
        raise LinkError(f"{app.name}: {what}. Mend: name one of them with --export")
    if known:
        raise LinkError(f"{app.name}: it exports no interface {name}: it exports {', '.join(known)}")
    exports = ", ".join(app.exported_interfaces()) or "nothing"
    raise LinkError(
        f"{app.name}: it exports {exports}: no interface of a Cap'n Proto schema that is known here. "
        "Mend: name its bindings: `bindings` in the manifest, or --bindings. For a component in WIT of its "
        "own, generate them from the schema that `capwit export` writes; else mark the interface with "
        "$Wit.exports, and build the component for that world"
    )


def _is(interface: Interface, full: str, name: str) -> bool:
    return name in (full, full.partition("@")[0] + f".{interface.name}", interface.name)


def _exported(app: App) -> Iterator[Interface]:
    """Yield what can be had from outside: first what the app's own bindings know.

    Of bindings that were exported from WIT that is what has its functions, which construct all else.
    """
    for bindings in app.bindings():
        for interface in bindings.interfaces:
            if exported := find_functions(app, interface):
                check_exported(app, bindings, exported)
                yield interface
        if any(interface.has_functions for interface in bindings.interfaces):
            continue
        for interface in bindings.interfaces:
            exported = find_exported(app, interface)
            if exported is None:
                continue
            constructor = exported.functions.get(f"[constructor]{interface.name}")
            if constructor is not None and not constructor.params:
                yield interface
