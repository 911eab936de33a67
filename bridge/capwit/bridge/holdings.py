"""What a host has that a manifest may ask for: a manifest can narrow it, and not go beyond."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from .addresses import AddressRule, name_fits, parse_name
from .limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from .origins import OriginRule
    from .peers import PeerAddress

Reach: TypeAlias = Literal["connect", "listen"]  # what an address of the network may be used for
EVERYWHERE: Final = (AddressRule(None, 0, 65535),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What a host has of its own, next to the capabilities of its CapSet. Nothing by default.

    Attributes:
        kinds: the kinds of standard capability that manifests may name.
        folders: where directories, files and code may be that they name, with all that is below.
        own_folder: whether a manifest's own folder is one of these.
        code: whether the factories and bindings that they name may run, as code of the host.
        code_folders: where bindings may be besides: what is generated seldom stands next to a manifest.
        connect: the peers that they may reach.
        unix: the Unix sockets that they may connect to, or folders of such.
        listen: the local addresses that they may listen at.
        fetch: the servers that they may send requests to.
        names: the names of hosts that they may look up: `example.com`, `*.example.com`, `*`.
        limits: what none of their instances goes beyond; None for whatever they say.
        max_instances: how many instances may live at one time.
    """

    kinds: frozenset[str] = frozenset()
    folders: tuple[Path, ...] = ()
    own_folder: bool = False
    code: bool = False
    code_folders: tuple[Path, ...] = ()
    connect: tuple[AddressRule, ...] = ()
    unix: tuple[Path, ...] = ()
    listen: tuple[AddressRule, ...] = ()
    fetch: tuple[OriginRule, ...] = ()
    names: tuple[str, ...] = ()
    limits: Limits | None = None
    max_instances: int = 100


_USES: Final = {"connect": "connect to", "listen": "listen at"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a manifest stands, and what the host lets it ask for."""

    folder: Path
    holdings: Holdings

    def locate(self, text: str) -> Path:
        """Return the path that is meant, made absolute and its links resolved.

        Raises:
            ValueError: it is none.
        """
        try:
            return (self.folder / text).resolve()
        except (OSError, ValueError, RuntimeError) as error:  # a zero byte, a loop of links
            raise ValueError(f"{text!r} is no path: {error}") from None

    def within(self, text: str) -> Path:
        """Return a path that is in one of the folders that the host has.

        Raises:
            ValueError: it is none, or elsewhere.
        """
        return self._within(text, ())

    def bindings(self, text: str) -> Path:
        """Return the path of bindings that the host runs.

        Raises:
            ValueError: it is none, or elsewhere, or the host runs no code that a manifest names.
        """
        self.runs_code()
        return self._within(text, self.holdings.code_folders)

    def _within(self, text: str, also: tuple[Path, ...]) -> Path:
        path = self.locate(text)
        own = (self.folder.resolve(),) if self.holdings.own_folder else ()
        if not any(path.is_relative_to(folder) for folder in (*own, *self.holdings.folders, *also)):
            what = "outside of the manifest's folder" if own else "in no folder that the host gives"
            raise ValueError(
                f"{text!r} is {what}. Mend: allow its folder, with --allow-dir or as one of the `folders` "
                "of a --policy, or of `Holdings` in Python"
            )
        return path

    def has_kind(self, kind: str) -> None:
        """Check that the host has a kind of standard capability.

        Raises:
            ValueError: it has not.
        """
        if kind not in self.holdings.kinds:
            known = ", ".join(sorted(self.holdings.kinds)) or "none"
            raise ValueError(
                f"the host gives no {kind}; it gives {known}. Mend: add it to `kinds` in its policy"
            )

    def reaches(self, of: Reach, rule: AddressRule, text: str) -> None:
        """Check that the host gives all addresses that a rule means.

        Raises:
            ValueError: it does not.
        """
        given = self.holdings.connect if of == "connect" else self.holdings.listen
        if not any(rule.within(each) for each in given):
            raise ValueError(
                f"the host does not give {text!r} to {_USES[of]}. "
                f"Mend: --allow-{of} {text}, or `{of}` in its policy"
            )

    def dials(self, peer: PeerAddress, text: str) -> PeerAddress:
        """Return where a peer is, if the host gives that to connect to: of a name, that it may be looked up.

        Raises:
            ValueError: it does not.
        """
        if peer.socket:
            path = self.locate(peer.socket)
            if not any(path.is_relative_to(each) for each in self.holdings.unix):
                raise ValueError(
                    f"the host does not give {text!r} to connect to. "
                    f"Mend: --allow-connect unix:{path}, or `connect` in its policy"
                )
            return replace(peer, socket=str(path))
        if peer.ip is None:
            self.resolves(parse_name(peer.host), peer.host)
        else:
            self.reaches("connect", AddressRule.parse(peer.endpoint), peer.endpoint)
        return peer

    def asks(self, rule: OriginRule, text: str) -> None:
        """Check that the host gives all servers that a rule means.

        Raises:
            ValueError: it does not.
        """
        if not any(rule.within(each) for each in self.holdings.fetch):
            raise ValueError(
                f"the host does not give {text!r} to send requests to. "
                f"Mend: --allow-fetch {text}, or `fetch` in its policy"
            )

    def resolves(self, name: str, text: str) -> None:
        """Check that the host gives the names that a pattern means.

        Raises:
            ValueError: it does not.
        """
        if not name_fits(name, self.holdings.names):
            raise ValueError(
                f"the host does not give {text!r} to look up. "
                f"Mend: --allow-resolve {text}, or `names` in its policy"
            )

    def runs_code(self) -> None:
        """Check that the host runs code that a manifest names.

        Raises:
            ValueError: it does not.
        """
        if not self.holdings.code:
            raise ValueError(
                "the host runs no code that a manifest names. "
                "Mend: take it out of the manifest and name it on the command line, with --grant or "
                "--bindings; or `code = true` in the host's policy"
            )


def under(limits: dict[str, Any], ceiling: Limits | None) -> Limits:
    """Return the limits that were asked for, and the ceiling's where nothing was.

    Raises:
        ValueError: more is asked for than the ceiling; the message begins with the limit's name.
    """
    asked = Limits(**limits)
    if ceiling is None:
        return asked
    most = ceiling.amounts()
    lowered = {}
    for name, amount in asked.amounts().items():
        if amount <= most[name]:
            continue
        if name in limits:
            raise ValueError(
                f"{name}: {limits[name]!r} is more than the {getattr(ceiling, name)!r} that the host gives. "
                "Mend: ask for less, or raise it in the host's policy"
            )
        lowered[name] = getattr(ceiling, name)
    return replace(asked, **lowered)
