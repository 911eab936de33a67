"""The guest of world `app` in schemas/probe.capnp: an interpreter. Each test says what it is to do.

One component is enough for all tests, so there is one slow build. It has WASI, and is its `run` too.
"""

import os
import random
import socket
import sys
import time
from typing import Any

from componentize_py_types import Err
from wit_world.exports import app_exports_worker
from wit_world.imports import app_grants, errors, files, probe, standard

# What the code of a test sees. It outlives the call, as the handles in it do. Only modules that are
# imported here are part of the component.
scope: dict[str, Any] = {
    "os": os,
    "random": random,
    "socket": socket,
    "sys": sys,
    "time": time,
    "Err": Err,
    "ErrorKind": errors.ErrorKind,
    "CapError": errors.CapError,
    "grants": app_grants,
    "probe": probe,
    "files": files,
    "standard": standard,
}


class Worker(app_exports_worker.Worker):
    """What the host calls."""

    def __init__(self) -> None:
        """Count, so that two of them are told apart."""
        scope["workers"] = scope.get("workers", 0) + 1

    def exec(self, code: str) -> str:
        """Run code."""
        scope["said"] = ""
        exec(code, scope)  # noqa: S102 - what it is for
        return str(scope["said"])

    def show(self, item: probe.Item, code: str) -> str:
        """Run code with a lent item."""
        scope["item"] = item
        try:
            return self.exec(code)
        finally:
            del scope["item"]

    def give(self, code: str) -> probe.Item:
        """Run code, and give away what it made."""
        self.exec(code)
        item: probe.Item = scope.pop("item")
        return item

    def run(self) -> None:
        """Run the first argument."""
        self.exec(sys.argv[1])
