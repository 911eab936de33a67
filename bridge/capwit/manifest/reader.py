"""The manifest: what one program is run with. Nothing that it does not name is granted.

Reading one only checks it; `capwit.program` makes the capabilities it names.
"""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.errors import ManifestError
from capwit.bridge.holdings import Holdings, Place, under
from capwit.bridge.launch import check_texts
from capwit.bridge.limits import Limits

from .declared import (
    Code,
    Exported,
    Given,
    Inline,
    Manifest,
    Remote,
    Source,
    Standard,
    Stored,
    Wired,
)
from .grant_reader import GrantReader
from .kinds import KINDS, whole
from .tables import read_toml
from .wiring import check_wiring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .narrow import Narrowing

USUAL_GRANTS: Final = ("stdin", "stdout", "stderr", "timer", "wall_clock", "entropy")
"""Of what is behind WASI's imports, what any command has."""

WASI_GRANTS: Final = (*USUAL_GRANTS, "http", "network", "resolver")
_DIRECTORIES: Final = ("directory", "memory")  # the kinds of directory
_SOCKETS: Final = ("tcp_listener", "tcp_socket", "udp_socket")  # the kinds of socket
_TOP: Final = (
    "module",
    "bindings",
    "entry",
    "args",
    "env",
    "limits",
    "refuel",
    "wasi",
    "grants",
    "compose",
    "isolation",
)
_FD: Final = whole(3, 2**31 - 1)
COUNT: Final = "a whole number above 0"


def wasi_kind(name: str) -> str:
    """Return the kind of standard capability behind one of `WASI_GRANTS`."""
    return {"stdout": "console", "http": "fetch"}.get(name, name)


_NOTHING: Final = Holdings()


def read_manifest(path: Path, holdings: Holdings = _NOTHING) -> Manifest:
    """Read and check a manifest. What it may name by itself is what the host has: nothing by default.

    Raises:
        ManifestError: it cannot be read, is no TOML, a key is wrong, or it asks for what the host has not;
            the message names which.
    """
    return parse_manifest(read_toml(path, "a manifest"), path, holdings)


def parse_manifest(table: dict[str, Any], path: Path, holdings: Holdings = _NOTHING) -> Manifest:
    """Check a manifest that is given as a table; paths in it are relative to `path`'s folder.

    Raises:
        ManifestError: a key is wrong, or it asks for what the host has not.
    """
    try:
        manifest = Reader(path, "", Place(path.parent, holdings)).program(table)
    except RecursionError:
        raise ManifestError(f"{path}: not a manifest: its tables are nested too deep") from None
    check_wiring(manifest)
    return manifest


class Reader(GrantReader):
    """Reads the tables of a manifest."""

    def program(self, table: dict[str, Any]) -> Manifest:
        """Return a whole manifest: that of the program, and those of its components."""
        components = self._tables(table, "components")
        inside = self._inside("components")
        return replace(
            self.manifest(table, ("components",)),
            components={name: inside._inside(name).manifest(components[name], ()) for name in components},
        )

    def manifest(self, table: dict[str, Any], also: tuple[str, ...]) -> Manifest:
        """Return the manifest of one component, of a table that may have other keys `also`."""
        self._only(table, _TOP + also)
        args = env = None
        narrow: dict[str, Narrowing] = {}
        scope = None
        if "args" in table:
            args = tuple(self._strings(table, "args"))
            self._check("args", check_texts, "arguments", args)
        if "env" in table:
            env, scope = self._env(self._get(table, "env", dict, 'a table such as { LANG = "C" }'), narrow)
        limits = self._limits(table)
        wasi = self._wasi(table, narrow)
        preopens, fds = self._preopens(table, narrow)
        sockets, socket_fds = self._sockets(table, narrow, fds)
        return Manifest(
            path=self._path,
            module=self._code(table),
            bindings=tuple(
                self._check("bindings", self._place.bindings, text)
                for text in self._strings(table, "bindings")
            ),
            entry=self._text(table, "entry", "what to call, such as 'runner.run'")
            if "entry" in table
            else None,
            args=args,
            env=env,
            limits=limits,
            refuel=self._refuel(table, limits, narrow) if "refuel" in table else None,
            environment=scope,
            wasi=wasi,
            preopens=preopens,
            preopen_fds=fds,
            sockets=sockets,
            socket_fds=socket_fds,
            grants=self._grants(table, narrow),
            narrow=narrow,
            compose=self._composed(table),
            isolation=self._one_of(table, "isolation", ("none", "process")),
        )

    def _composed(self, table: dict[str, Any]) -> dict[str, Path]:
        given = self._table(table, "compose", "a table of components by grants")
        inside = self._inside("compose")
        return {name: self._file(inside._text(given, name, "the path of a component")) for name in given}

    def _code(self, table: dict[str, Any]) -> Code:
        given = table.get("module")
        if not isinstance(given, dict):
            return self._file(self._text(table, "module", "the path of a component"))
        inside = self._inside("module")
        if "inline" in given:
            inside._only(given, ("inline",))
            try:
                return Inline(b64decode(inside._text(given, "inline", "code as base64"), validate=True))
            except ValueError as error:
                raise inside._error("inline", f"no base64: {error}") from None
        inside._only(given, ("store", "hash"))
        hash = inside._text(given, "hash", "'sha256:' and 64 hexadecimal digits")
        if not re.fullmatch(r"sha256:[0-9a-f]{64}", hash):
            raise inside._error("hash", f"expected 'sha256:' and 64 hexadecimal digits, got {hash!r}")
        store = inside._text(given, "store", "the name of a grant, or of what the host holds")
        return Stored(store, bytes.fromhex(hash.removeprefix("sha256:")))

    def _env(
        self, table: dict[str, Any], narrow: dict[str, Narrowing]
    ) -> tuple[dict[str, str], Source | None]:
        """Return the variables, and the scope of settings that they are laid over."""
        inside, scope = self._inside("env"), None
        if isinstance(table.get("scope"), dict):  # a variable of that name is a text
            given = inside._narrowed("scope", table["scope"], "env.scope", narrow)
            scope = inside._inside("scope")._source(given)
            table = {name: value for name, value in table.items() if name != "scope"}
        for name, value in table.items():
            if not name or "=" in name or "\0" in name:
                raise inside._error(repr(name), "the name of a variable is not empty and holds no '='")
            if not isinstance(value, str) or "\0" in value:
                raise inside._error(name, f"expected a string, got {value!r}")
        self._check("env", check_texts, "variables", [f"{name}={value}" for name, value in table.items()])
        return table, scope

    def _limits(self, table: dict[str, Any]) -> Limits:
        inside = self._inside("limits")
        given = self._table(table, "limits", "a table of limits")
        inside._only(given, tuple(f.name for f in fields(Limits)))
        for key, value in given.items():  # one by one, so that the error has the key
            try:
                Limits(**{key: value}).for_store()
            except ValueError as error:
                raise inside._error(key, str(error).removeprefix(f"{key}: ")) from None
        return self._under(given, inside)

    def _refuel(self, table: dict[str, Any], limits: Limits, narrow: dict[str, Narrowing]) -> Source:
        given = self._get(table, "refuel", dict, "a table of a grant")
        if limits.for_store().fuel is None:
            raise self._error("refuel", "there is no limit to the fuel. Mend: set `fuel` under [limits]")
        return self._inside("refuel")._source(self._narrowed("refuel", given, "refuel", narrow))

    def _under(self, given: dict[str, Any], inside: Reader) -> Limits:
        try:
            return under(given, self._place.holdings.limits)
        except ValueError as error:
            raise inside._error(*str(error).split(": ", 1)) from None

    def _wasi(self, table: dict[str, Any], narrow: dict[str, Narrowing]) -> dict[str, Standard | Remote]:
        given = self._table(table, "wasi", "a table of WASI grants")
        inside = self._inside("wasi")
        inside._only(given, (*WASI_GRANTS, "preopens", "sockets"))
        found: dict[str, Standard | Remote] = {}
        for name, value in given.items():
            if value is False or name in ("preopens", "sockets"):
                continue
            if value is not True and not isinstance(value, dict):
                raise inside._error(name, f"expected true, false or a table of options, got {value!r}")
            options = {} if value is True else inside._narrowed(name, value, f"wasi.{name}", narrow)
            within = inside._inside(name)
            found[name] = (
                within._remote(options) if "remote" in options else within._standard(wasi_kind(name), options)
            )
        return found

    def _preopens(
        self, table: dict[str, Any], narrow: dict[str, Narrowing]
    ) -> tuple[dict[str, Source], dict[str, int]]:
        """Return directories by the paths that the guest knows them by, and the numbers some are to have."""
        found: dict[str, Source] = {}
        fds: dict[str, int] = {}
        inside = self._inside("wasi")._inside("preopens")
        for label, path, given in self._preopened(table):
            if not path or "\0" in path:
                raise inside._error(repr(path), "the path that a guest knows a directory by is not empty")
            if path in found:
                raise inside._error(f"{label}.name", f"there is a directory {path!r} already")
            options = dict(inside._narrowed(label, given, f"wasi.preopens.{path}", narrow))
            if "fd" in options:
                fds[path] = inside._inside(label)._number(options.pop("fd"), fds)
            found[path] = inside._inside(label)._directory(options)
        return found, fds

    def _number(self, given: object, taken: dict[str, int]) -> int:
        fd: int = self._check("fd", _FD.read, given, self._place)
        for name, number in taken.items():
            if number == fd:
                raise self._error("fd", f"{name!r} has {fd} already. Mend: take another")
        return fd

    def _preopened(self, table: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield each preopen's key or number, the path that the guest knows it by, and what else is said."""
        inside = self._inside("wasi")
        given = table.get("wasi", {}).get("preopens", {})
        if isinstance(given, list):
            inside = inside._inside("preopens")
            for number, each in enumerate(given, 1):
                if not isinstance(each, dict):
                    raise inside._error(str(number), f"expected a table, got {each!r}")
                path = inside._inside(str(number))._text(each, "name", "the path that the guest knows it by")
                yield str(number), path, {key: each[key] for key in each if key != "name"}
            return
        for key, each in inside._tables(table.get("wasi", {}), "preopens").items():
            at = inside._inside("preopens")._inside(key)
            path = at._text(each, "name", "a path") if "name" in each else key
            yield key, path, {key: each[key] for key in each if key != "name"}

    def _directory(self, options: dict[str, Any]) -> Source:
        if "remote" in options:
            return self._remote(options)
        if "namespace" in options:
            self._only(options, ("namespace",))
            return Given(self._text(options, "namespace", "the name of a grant, or of what the host holds"))
        if "dir" in options:
            self._only(options, ("dir", "readonly", "files"))
            options = {"path" if key == "dir" else key: options[key] for key in options}
        kind = options.get("kind", "directory")
        if kind not in _DIRECTORIES:
            raise self._error("kind", f"expected one of {', '.join(_DIRECTORIES)}, got {kind!r}")
        return self._standard(kind, {key: options[key] for key in options if key != "kind"})

    def _sockets(
        self, table: dict[str, Any], narrow: dict[str, Narrowing], taken: dict[str, int]
    ) -> tuple[dict[str, Standard | Remote], dict[str, int]]:
        """Return sockets by their names, and the numbers some are to have besides those of directories."""
        inside = self._inside("wasi")
        given = inside._tables(table.get("wasi", {}), "sockets")
        inside = inside._inside("sockets")
        found: dict[str, Standard | Remote] = {}
        fds: dict[str, int] = {}
        for name in given:
            options = dict(inside._narrowed(name, given[name], f"wasi.sockets.{name}", narrow))
            within = inside._inside(name)
            if "fd" in options:
                fds[name] = within._number(options.pop("fd"), {**taken, **fds})
            if "remote" in options:
                found[name] = within._remote(options)
                continue
            kind = within._text(options, "kind", f"one of {', '.join(_SOCKETS)}")
            if kind not in _SOCKETS:
                raise within._error("kind", f"expected one of {', '.join(_SOCKETS)}, got {kind!r}")
            del options["kind"]
            found[name] = within._standard(kind, options)
        return found, fds

    def _grants(self, table: dict[str, Any], narrow: dict[str, Narrowing]) -> dict[str, Source]:
        given = self._tables(table, "grants")
        inside = self._inside("grants")
        return {
            name: inside._inside(name)._source(inside._narrowed(name, given[name], f"grants.{name}", narrow))
            for name in given
        }

    def _source(self, table: dict[str, Any]) -> Source:
        if "factory" in table:
            return self._factory(table)
        if "remote" in table:
            return self._remote(table)
        if "given" in table:
            self._only(table, ("given",))
            return Given(self._text(table, "given", "what the host's CapSet holds it under"))
        interface = "the interface that the component exports"
        if "component" in table:
            self._only(table, ("component", "interface"))
            name = self._text(table, "component", "the name of one of the manifest's components")
            return Wired(self._text(table, "interface", interface), name)
        kinds = (*KINDS, "component")
        kind = self._text(
            table,
            "kind",
            f"one of {', '.join(kinds)}; or a `factory`, a `component`, a `remote` or what is `given`",
        )
        rest = {key: value for key, value in table.items() if key != "kind"}
        if kind == "component":
            manifest = self.manifest(rest, ("interface",))
            return Exported(self._text(table, "interface", interface), manifest)
        if kind not in KINDS:
            raise self._error("kind", f"expected one of {', '.join(kinds)}; got {kind!r}")
        return self._standard(kind, rest)
