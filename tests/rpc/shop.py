"""A shop in WIT of its own, and what `capwit export` and `generate` make of it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import capnp
from capwit.cli.main import main

from tests.support.guests import c_guest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MADE = '["made/demo_shop_watch.py", "made/shop.py"]'
NEWER = (
    ("deepBlue @2;", "deepBlue @2; pink @3;"),
    ("parts @2 :List(UInt64);", "parts @2 :List(UInt64); owed @3 :Void;"),
)


class Shop:
    """The component, what `capwit export` and `generate` make of it, and its schema as others load it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        shutil.copy(c_guest(HERE / "plain.c", HERE / "plain", "app"), folder / "shop.wasm")
        assert main(["export", str(folder / "shop.wasm"), "-o", str(folder / "shop.capnp")]) == 0
        assert main(["generate", str(folder / "shop.capnp"), "--out", str(folder / "made")]) == 0
        for isolation in ("none", "process"):
            text = f'module = "shop.wasm"\nbindings = {MADE}\nisolation = "{isolation}"\n'
            (folder / f"{isolation}.toml").write_text(text)
        self._parsers: list[Any] = []  # what they have loaded lives as long as they do
        self.schema, self.watch = self.loaded()
        self.newer, _ = self.loaded(*NEWER)
        self.bytes, _ = self.loaded(("name @0 :Text;", "name @0 :Data;"))

    def loaded(self, *changes: tuple[str, str]) -> list[Any]:
        """The schema's two files as pycapnp itself loads them, with changes to the text of the first."""
        folder = self.folder / f"schema{len(self._parsers)}"
        folder.mkdir()
        for file in self.folder.glob("*.capnp"):
            text = file.read_text()
            for old, new in changes if file.name == "shop.capnp" else ():
                assert old in text
                text = text.replace(old, new)
            (folder / file.name).write_text(text)
        self._parsers.append(capnp.SchemaParser())
        imports = [str(ROOT / "codegen"), str(Path(capnp.__file__).parent.parent)]
        names = "shop.capnp", "demo-shop-watch.capnp"
        return [self._parsers[-1].load(str(folder / name), imports=imports) for name in names]

    def fake(self) -> Any:
        """A basket of this process."""
        return type("Fake", (self.schema.Basket.Server,), {})()

    def watcher(self, **answers: Any) -> Any:
        """A watcher of this process, that answers so."""

        class Watcher(self.watch.Watcher.Server):  # type: ignore[name-defined,misc]
            def __init__(self) -> None:
                self.events: list[Any] = []

            async def seen(self, what: Any, note: Any, _context: Any, **_: Any) -> None:
                self.events.append((what.to_dict(), note.to_dict()))
                if "fails" in answers:
                    raise RuntimeError(answers["fails"])
                _context.results.result = answers.get("seen", {"ok": True})

            async def deputy(self, **_: Any) -> Any:
                return Watcher()

        return Watcher()
