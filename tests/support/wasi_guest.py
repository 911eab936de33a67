"""The guest of tests/support/wasi.py: it runs the Python code that it is given, with WASI's own bindings."""

import encodings.idna  # noqa: F401 - what is not imported when the guest is built is not in it
import importlib
import json
import os
import pkgutil
import socket
import sys
import time
import traceback
from typing import Any

import wit_world
from componentize_py_types import Err, Ok, Some
from wit_world import imports

# What the code of a test sees; it outlives the call. The modules of WASI go by their own names: `streams`.
scope: dict[str, Any] = {
    "os": os, "socket": socket, "sys": sys, "time": time, "json": json, "Err": Err, "Ok": Ok, "Some": Some,
    **{
        each.name: importlib.import_module(f"{imports.__name__}.{each.name}")
        for each in pkgutil.iter_modules(imports.__path__)
    },
}  # fmt: skip

# What tests have use for.
PRELUDE = '''
def refusal(call, *arguments):
    """Return how a call of a stream or a descriptor fails, as text; what it returns where it does not."""
    try:
        return call(*arguments)
    except Err as error:
        value = error.value
        if hasattr(value, "name"):
            return value.name.lower()
        name = type(value).__name__.rpartition("_")[2].lower()
        if name.endswith("failed"):
            return f"failed: {value.value.to_debug_string()}"
        return name
'''
exec(PRELUDE, scope)  # noqa: S102


class WitWorld(wit_world.WitWorld):
    """What the host calls."""

    def exec(self, code: str) -> str:
        """Run code."""
        scope["said"] = ""
        try:
            exec(code, scope)  # noqa: S102 - what it is for
        except Exception:
            return "raised " + traceback.format_exc()
        return str(scope["said"])
