"""Generated bindings at work in components: what those tests share."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capwit.testing import scenario as scenario

from tests.engine import support

if TYPE_CHECKING:
    from types import ModuleType

CASES = Path(__file__).with_name("cases")
ANNOTATIONS = Path(__file__).parents[2] / "codegen"  # what `/capwit/wit.capnp` is found below


@functools.cache
def case(name: str) -> ModuleType:
    """The expected bindings of a case, imported."""
    module = f"running_{name.replace('-', '_')}"
    path = CASES / name / "expected" / "schema.py"
    spec = importlib.util.spec_from_file_location(module, path)
    assert spec is not None and spec.loader is not None
    sys.modules[module] = loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


async def echoed(type: Any, value: Any, thing: Any = support.THING) -> Any:
    """A value after it has gone into a component, out to the host, back in and out again."""
    echo = support.echo_function(type)
    host = {"echo": (echo, lambda _, given: given)}
    async with support.running(support.echo_component(type), host, resources={"thing": thing}) as guest:
        return await guest.call("echo", echo, value)
