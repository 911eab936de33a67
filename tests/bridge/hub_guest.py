"""The guest of world `app` in schemas/hub.capnp: an interpreter, with objects that listen.

It keeps them by the numbers that it gives them. Each test says what they are to do.
"""

from typing import Any

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import app_exports_worker
from wit_world.imports import (
    app_grants,
    app_guest_listener,
    app_guest_observer_list_uint32,
    errors,
    hub,
)

# What is listening, by its number, and the numbers that were released.
objects: dict[int, Any] = {}
released: list[int] = []


class Listener:
    """Notes what it hears."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        self.heard: list[str] = []

    def notify(self, event: Any) -> bool:
        """Want more, but for `stop`."""
        self.heard.append(event.topic)
        return bool(event.topic != "stop")


# What the code of a test sees. It outlives the call.
scope: dict[str, Any] = {
    "objects": objects,
    "released": released,
    "Listener": Listener,
    "wrap": app_guest_listener.wrap,
    "number_of": app_guest_listener.number_of,
    "observers": app_guest_observer_list_uint32,
    "Err": Err,
    "errors": errors,
    "grants": app_grants,
    "hub": hub,
}


class AppGuestListenerCalls(exports.AppGuestListenerCalls):
    """Where the listeners are called."""

    def call_close(self, object: int) -> str:
        """Close one."""
        return str(objects[object].close())

    def call_notify(self, object: int, event: hub.Event) -> bool:
        """Tell one of an event."""
        return bool(objects[object].notify(event))

    def call_introduce(self, object: int, to: hub.Listener, gift: hub.Listener) -> hub.Listener:
        """Introduce one to another."""
        made: hub.Listener = objects[object].introduce(to, gift)
        return made

    def call_push(self, object: int, chunk: bytes) -> None:
        """Give one a chunk."""
        objects[object].push(chunk)

    def call_grow(self, object: int, tree: hub.Tree) -> hub.Tree:
        """Give one a tree."""
        grown: hub.Tree = objects[object].grow(tree)
        return grown

    def call_release(self, the_object: int, object: str) -> str:
        """A method, and not the end."""
        return f"{object} of {the_object}"

    def release(self, object: int) -> None:
        """Forget one."""
        objects.pop(object)
        released.append(object)


class AppGuestObserverListUint32Calls(exports.AppGuestObserverListUint32Calls):
    """Where the observers are called."""

    def call_next(self, object: int, value: list[int]) -> bool:
        """Tell one of a value."""
        return bool(objects[object](value))

    def release(self, object: int) -> None:
        """Forget one."""
        objects.pop(object)
        released.append(object)


class Worker(app_exports_worker.Worker):
    """What the host calls."""

    def __init__(self) -> None:
        """Hold nothing."""

    def exec(self, code: str) -> str:
        """Run code."""
        scope["said"] = ""
        exec(code, scope)  # noqa: S102 - what it is for
        return str(scope["said"])
