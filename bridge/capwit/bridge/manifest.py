"""The manifest: what one program is run with. Nothing that it does not name is granted.

Reading one only checks it; `capwit.cli.assemble` makes the capabilities it names.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from .errors import ManifestError
from .kinds import KINDS, Place
from .limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

WASI_GRANTS: Final = ("stdout", "stderr", "timer", "wall_clock", "entropy")
_TOP: Final = ("module", "bindings", "entry", "args", "env", "limits", "wasi", "grants")


@dataclass(frozen=True, slots=True)
class Factory:
    """A grant made by a callable of a Python file: `options` are its keyword arguments."""

    file: Path
    callable: str
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standard:
    """A grant of one of capwit's own capabilities, by kind: `console`, `timer`, ..."""

    kind: str
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exported:
    """A grant that another component exports; it runs on a manifest of its own."""

    interface: str
    manifest: Manifest


Source: TypeAlias = Factory | Standard | Exported


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked manifest, its paths made absolute.

    Attributes:
        module: the component.
        bindings: generated Python modules that the program's interfaces are bound by.
        entry: what to call: `runner.run`, or its full name; found out where it is None.
        args, env: the program's arguments (its own name first) and environment; None grants neither.
        wasi: the kinds of capability behind WASI's imports, by name in `WASI_GRANTS`.
        grants: where each grant comes from, by name.
    """

    path: Path
    module: Path
    bindings: tuple[Path, ...] = ()
    entry: str | None = None
    args: tuple[str, ...] | None = None
    env: dict[str, str] | None = None
    limits: Limits = field(default_factory=Limits)
    wasi: dict[str, Standard] = field(default_factory=dict)
    grants: dict[str, Source] = field(default_factory=dict)


_KIND_OF: Final = {"stdout": "console"}


def read_manifest(path: Path) -> Manifest:
    """Read and check a manifest.

    Raises:
        ManifestError: it cannot be read, is no TOML, or a key is wrong; the message names which.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ManifestError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ManifestError(f"{path}: not UTF-8 text (byte {error.start})") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path}: not TOML: {error}") from None
    except (RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        raise ManifestError(f"{path}: not a manifest: {error}") from None
    return parse_manifest(table, path)


def parse_manifest(table: dict[str, Any], path: Path, *, anywhere: bool = False) -> Manifest:
    """Check a manifest that is given as a table; paths in it are relative to `path`'s folder.

    `anywhere`: what it grants may stand outside of that folder, because the host's owner wrote it.
    """
    try:
        return _Reader(path, "", Place(path.parent, anywhere)).manifest(table, ())
    except RecursionError:
        raise ManifestError(f"{path}: not a manifest: its tables are nested too deep") from None


class _Reader:
    """Reads tables, and knows where in the manifest it is."""

    def __init__(self, path: Path, prefix: str, place: Place) -> None:
        self._path = path
        self._prefix = prefix
        self._place = place

    def _error(self, key: str, expected: str) -> ManifestError:
        return ManifestError(f"{self._path}: {self._prefix}{key}: {expected}")

    def _inside(self, key: str) -> _Reader:
        return _Reader(self._path, f"{self._prefix}{key}.", self._place)

    def _only(self, table: dict[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                raise self._error(key, f"unknown key; known are {', '.join(known) or 'none'}")

    def _get(self, table: dict[str, Any], key: str, kind: type, expected: str) -> Any:
        value = table[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self._error(key, f"expected {expected}, got {value!r}")
        return value

    def _text(self, table: dict[str, Any], key: str, expected: str) -> str:
        if key not in table:
            raise self._error(key, f"missing; expected {expected}")
        text: str = self._get(table, key, str, expected)
        return text

    def _file(self, text: str) -> Path:
        try:
            return (self._path.parent / text).resolve()
        except (OSError, ValueError, RuntimeError) as error:  # a zero byte, a loop of links
            raise ManifestError(f"{self._path}: {self._prefix}{text!r} is no path: {error}") from None

    def manifest(self, table: dict[str, Any], also: tuple[str, ...]) -> Manifest:
        self._only(table, _TOP + also)
        args = env = None
        if "args" in table:
            args = tuple(self._strings(table, "args"))
        if "env" in table:
            env = self._env(self._get(table, "env", dict, 'a table such as { LANG = "C" }'))
        return Manifest(
            path=self._path,
            module=self._file(self._text(table, "module", "the path of a component")),
            bindings=tuple(self._file(text) for text in self._strings(table, "bindings")),
            entry=self._text(table, "entry", "what to call, such as 'runner.run'")
            if "entry" in table
            else None,
            args=args,
            env=env,
            limits=self._limits(table),
            wasi=self._wasi(table),
            grants=self._grants(table),
        )

    def _strings(self, table: dict[str, Any], key: str) -> list[str]:
        value = table.get(key, [])
        if isinstance(value, str) and key == "bindings":
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._error(key, f"expected a list of strings, got {value!r}")
        return value

    def _env(self, table: dict[str, Any]) -> dict[str, str]:
        inside = self._inside("env")
        for name, value in table.items():
            if not name or "=" in name or "\0" in name:
                raise inside._error(repr(name), "the name of a variable is not empty and holds no '='")
            if not isinstance(value, str) or "\0" in value:
                raise inside._error(name, f"expected a string, got {value!r}")
        return table

    def _limits(self, table: dict[str, Any]) -> Limits:
        if "limits" not in table:
            return Limits()
        given = self._get(table, "limits", dict, "a table of limits")
        inside = self._inside("limits")
        inside._only(given, tuple(f.name for f in fields(Limits)))
        for key, value in given.items():  # one by one, so that the error has the key
            try:
                Limits(**{key: value}).for_store()
            except ValueError as error:
                raise inside._error(key, str(error).removeprefix(f"{key}: ")) from None
        return Limits(**given)

    def _wasi(self, table: dict[str, Any]) -> dict[str, Standard]:
        given = self._get(table, "wasi", dict, "a table of WASI grants") if "wasi" in table else {}
        inside = self._inside("wasi")
        inside._only(given, WASI_GRANTS)
        found = {}
        for name, value in given.items():
            if value is False:
                continue
            if value is not True and not isinstance(value, dict):
                raise inside._error(name, f"expected true, false or a table of options, got {value!r}")
            options = {} if value is True else value
            found[name] = inside._inside(name)._standard(_KIND_OF.get(name, name), options)
        return found

    def _standard(self, kind: str, options: dict[str, Any]) -> Standard:
        known = KINDS[kind]
        self._only(options, tuple(known))
        given = {}
        for key, option in known.items():
            try:
                if key in options:
                    given[key] = option.read(options[key], self._place)
                elif option.required:
                    raise ValueError(f"missing; expected {option.expected}")
            except ValueError as error:
                raise self._error(key, str(error)) from None
        return Standard(kind, given)

    def _grants(self, table: dict[str, Any]) -> dict[str, Source]:
        given = self._get(table, "grants", dict, "a table of grants") if "grants" in table else {}
        inside = self._inside("grants")
        return {
            name: inside._inside(name)._source(inside._get(given, name, dict, "a table")) for name in given
        }

    def _source(self, table: dict[str, Any]) -> Source:
        if "factory" in table:
            return self._factory(table)
        kinds = (*KINDS, "component")
        kind = self._text(table, "kind", f"one of {', '.join(kinds)}; or a `factory`")
        rest = {key: value for key, value in table.items() if key != "kind"}
        if kind == "component":
            manifest = self.manifest(rest, ("interface",))
            return Exported(
                self._text(table, "interface", "the interface that the component exports"), manifest
            )
        if kind not in KINDS:
            raise self._error("kind", f"expected one of {', '.join(kinds)}; got {kind!r}")
        return self._standard(kind, rest)

    def _factory(self, table: dict[str, Any]) -> Factory:
        expected = "a module of the manifest's own folder and a callable in it, such as 'stores:memory'"
        text = self._text(table, "factory", expected)
        module, _, callable = text.partition(":")
        if not module.isidentifier() or not callable.isidentifier():
            raise self._error("factory", f"expected {expected}, got {text!r}")
        options = {key: value for key, value in table.items() if key != "factory"}
        return Factory(self._file(f"{module}.py"), callable, options)
