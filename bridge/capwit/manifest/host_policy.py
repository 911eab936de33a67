"""The policy of a host: what it gives to manifests, and what it holds by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.addresses import AddressRule, parse_name
from capwit.bridge.holdings import Holdings, Place
from capwit.bridge.origins import OriginRule

from .kinds import KINDS, everything
from .reader import COUNT, Reader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .declared import Source

UNIX: Final = "unix:"
_REACH: Final = ("connect", "listen", "fetch", "names")
_POLICY: Final = ("kinds", "folders", "code", *_REACH, "max_instances", "limits", "caps")


def parse_policy(table: dict[str, Any], path: Path) -> tuple[Holdings, dict[str, Source]]:
    """Check a policy: what a host gives to manifests, and the sources of what it holds by name.

    Raises:
        ManifestError: a key is wrong.
    """
    owner = everything(Path(path.absolute().anchor))  # who writes it owns the host
    return _PolicyReader(path, "", Place(path.parent, owner)).policy(table)


class _PolicyReader(Reader):
    """Reads the tables of a policy."""

    def policy(self, table: dict[str, Any]) -> tuple[Holdings, dict[str, Source]]:
        self._only(table, _POLICY)
        most = self._get(table, "max_instances", int, COUNT) if "max_instances" in table else 100
        if most < 1:
            raise self._error("max_instances", f"expected {COUNT}, got {most}")
        kinds = self._strings(table, "kinds") if "kinds" in table else list(KINDS)
        for kind in kinds:
            if kind not in KINDS:
                raise self._error("kinds", f"expected some of {', '.join(KINDS)}; got {kind!r}")
        connect, unix = split_unix(self._strings(table, "connect"))
        holdings = Holdings(
            kinds=frozenset(kinds),
            folders=tuple(self._file(text) for text in self._strings(table, "folders")),
            own_folder=True,
            code=self._get(table, "code", bool, "true or false") if "code" in table else True,
            connect=self._addresses("connect", connect),
            unix=tuple(self._file(text.removeprefix(UNIX)) for text in unix),
            listen=self._addresses("listen", self._strings(table, "listen")),
            fetch=tuple(
                self._check("fetch", OriginRule.parse, text) for text in self._strings(table, "fetch")
            ),
            names=tuple(self._check("names", parse_name, text) for text in self._strings(table, "names")),
            limits=self._limits(table) if "limits" in table else None,
            max_instances=most,
        )
        caps = self._tables(table, "caps")
        return holdings, {name: self._inside(f"caps.{name}")._source(caps[name]) for name in caps}

    def _addresses(self, key: str, given: list[str]) -> tuple[AddressRule, ...]:
        return tuple(self._check(key, AddressRule.parse, text) for text in given)


def split_unix(texts: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return which of some peers are addresses of the network, and which are paths of Unix sockets."""
    listed = list(texts)
    return [each for each in listed if not each.startswith(UNIX)], [
        each for each in listed if each.startswith(UNIX)
    ]
