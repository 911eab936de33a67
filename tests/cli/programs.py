"""Manifests whose program is the Python guest, and the host code that they name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.bridge.support import SCHEMA, generated, probe_guest

if TYPE_CHECKING:
    from pathlib import Path

DESKS = """
import asyncio

class Item:
    def __init__(self, name): self._name = name
    def name(self): return self._name
    def same(self, other): return False

class Desk:
    def __init__(self, greeting): self.greeting = greeting
    def echo(self, text): return f"{self.greeting} {text}"
    def add(self, a, b): return a + b
    def make(self, name): return Item(name)
    def look(self, item): return ""
    def pack(self, item, label): return None
    def unpack(self, parcel): return []
    def tell(self, text): return None
    def take(self, item): return ""

def make(greeting="hello"): return Desk(greeting)

class Slow(Desk):
    async def echo(self, text):
        await asyncio.Event().wait()

def slow(): return Slow("")
"""
SANDBOX = "[wasi]\nstdout = true\nentropy = true\n"
# Says in one line how a call in the guest ended.
TRIED = """
def tried(make):
    try:
        print(make())
    except Err as error:
        print(error.value.kind.name, error.value.reason)
"""


def guest(code: str = "pass", prefix: str = "") -> str:
    """Return a manifest's own keys, or those of a component under a `prefix`: the guest that runs code."""
    head = f"[{prefix}]\n" if prefix else ""
    return f"""{head}module = "{probe_guest()}"
bindings = "{generated(SCHEMA) / "probe.py"}"
args = ["app", {json.dumps(TRIED + code)}]
"""


def write(folder: Path, text: str, name: str = "app.toml") -> Path:
    """Write a manifest, with the factories of desks beside it."""
    (folder / "desks.py").write_text(DESKS)
    path = folder / name
    path.write_text(text)
    return path
