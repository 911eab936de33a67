"""What a program is run by: its entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capwit.bridge.binding import Client
from capwit.bridge.errors import LinkError
from capwit.engine.types import Err, Function, Ok

from .errors import ProgramError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capwit.bridge.app import App
    from capwit.bridge.instance import Instance


def find_entry(app: App, entry: str | None = None) -> str:
    """Return the full name of what a component is run by.

    That is what `entry` names, in full or as `resource.method`; else `wasi:cli/run`, else its only `run`.

    Raises:
        LinkError: there is none, or more than one.
    """
    callable = dict(_entries(app))
    if entry is None:
        found = [full for full, short in callable.items() if short.rpartition(".")[2] == "run"]
        found = [full for full in found if full.startswith("wasi:cli/run@")] or found
    else:
        found = [full for full, short in callable.items() if entry in (full, short)]
    if len(found) == 1:
        return found[0]
    if not found and entry is None and _answers_requests(app):
        raise LinkError(
            f"{app.name}: it answers HTTP requests, and has no `run`. "
            "Mend: `capwit serve --http 127.0.0.1:8080`"
        )
    wanted = f"`{entry or 'run'}`"
    if found:
        what = f"more than one {wanted}: {', '.join(found)}"
    else:
        others = ", ".join(callable) or "nothing"
        what = f"no {wanted} that takes no parameters; what could be called: {others}"
    raise LinkError(
        f"{app.name}: it exports {what}. Mend: name what to call with `entry` in the manifest, or --entry"
    )


def _answers_requests(app: App) -> bool:
    return any(name.startswith("wasi:http/incoming-handler@") for name in app.exported_interfaces())


def _entries(app: App) -> Iterator[tuple[str, str]]:
    """Yield what a component can be called by without arguments: its full name, and a short one."""
    for label, exported in app.component.exports.items():
        if isinstance(exported, Function) and not exported.params:
            yield label, label
    for name, interface in app.exported_interfaces().items():
        for label, type in interface.functions.items():
            method = label.removeprefix("[method]")
            if method == label and not type.params and not label.startswith("["):
                yield f"{name}#{label}", label
            elif method != label and len(type.params) == 1:
                constructor = interface.functions.get(f"[constructor]{method.partition('.')[0]}")
                if constructor is not None and not constructor.params:
                    yield f"{name}#{label}", method


async def run_entry(instance: Instance, entry: str) -> Any:
    """Call an entry point, constructing the resource it is a method of."""
    interface, _, label = entry.rpartition("#")
    if not label.startswith("[method]"):
        return _good(await instance.call(entry))
    resource = label.removeprefix("[method]").partition(".")[0]
    handle = await instance.call(f"{interface}#[constructor]{resource}")
    owned = instance.adopt(handle, f"{interface}.{resource}", Client)
    try:
        return _good(await instance.call(entry, handle))
    finally:
        await owned.release()


def _good(answer: Any) -> Any:
    match answer:
        case Ok(value):
            return value
        case Err(error):
            raise ProgramError(error)
        case _:
            return answer
