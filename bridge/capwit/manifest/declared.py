"""What a manifest declares: a program, and where each of its grants comes from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from capwit.bridge.errors import LoadError
from capwit.bridge.holdings import EVERYWHERE
from capwit.bridge.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from capwit.bridge.addresses import AddressRule
    from capwit.bridge.peers import PeerAddress, Step

    from .narrow import Narrowing


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


@dataclass(frozen=True, slots=True)
class Wired:
    """A grant that one of the manifest's named components exports: the instance is shared."""

    interface: str
    component: str


@dataclass(frozen=True, slots=True)
class Given:
    """A grant that the host's CapSet holds under a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Remote:
    """A grant that lives in another process.

    Attributes:
        peer: where that listens.
        steps: how the capability is had from the one that the peer offers.
        interface: what it is, by its WIT name, where a grant may be several; empty for the usual one.
        files: the paths of what TLS needs: `ca`, `certificate`, `key`.
        times: seconds: `reconnect`, `timeout`, `keepalive`.
        reach: the addresses that the peer's name may stand for.
    """

    peer: PeerAddress
    steps: tuple[Step, ...] = ()
    interface: str = ""
    files: dict[str, Path] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    reach: tuple[AddressRule, ...] = EVERYWHERE


Source: TypeAlias = Factory | Standard | Exported | Wired | Given | Remote


@dataclass(frozen=True, slots=True)
class Inline:
    """Code that the manifest holds itself."""

    binary: bytes
    name: ClassVar[str] = "inline.wasm"

    def __str__(self) -> str:
        """Show how much it is."""
        return f"inline, {len(self.binary)} bytes"


@dataclass(frozen=True, slots=True)
class Stored:
    """Code that a `Store` has by its SHA-256: one of the manifest's grants, or the host's."""

    store: str
    hash: bytes

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"sha256-{self.hash.hex()[:12]}.wasm"

    def check(self, binary: bytes) -> None:
        """Check that code is the one that was asked for.

        Raises:
            LoadError: it is not.
        """
        found = sha256(binary).hexdigest()
        if found != self.hash.hex():
            raise LoadError(f"{self}: the store has something else there, with the hash {found}")

    def __str__(self) -> str:
        """Show where it is."""
        return f"sha256:{self.hash.hex()} of {self.store}"


Code: TypeAlias = "Path | Inline | Stored"
Isolation: TypeAlias = Literal["none", "process"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked manifest, its paths made absolute.

    Attributes:
        module: the component, or core module: where its code is.
        bindings: generated Python modules that the program's interfaces are bound by.
        entry: what to call: `runner.run`, or its full name; found out where it is None.
        args, env: the program's arguments (its own name first) and environment; None grants neither.
        environment: the settings that `env` is laid over.
        refuel: the `FuelGrant` that is asked for more before the program's fuel is used up.
        wasi: the kinds of capability behind WASI's imports, by name in `WASI_GRANTS`.
        preopens: the directories that a module is given, by the paths that it knows them by; what is
            `Given` is one of its `grants`, or the host's.
        preopen_fds: the descriptors that some of these are to have.
        sockets: the open sockets that a module is given, by names of the manifest's own.
        socket_fds: the descriptors that some of these are to have.
        grants: where each grant comes from, by name.
        narrow: how grants are narrowed, by their keys: `grants.store`, `wasi.stdout`.
        isolation: `process` for a process of its own, `none` for that of the host.
        compose: components that are made one with the program's, by the grants that they satisfy.
        components: programs that grants are wired to, by name; only the outermost manifest has any.
    """

    path: Path
    module: Code
    bindings: tuple[Path, ...] = ()
    entry: str | None = None
    args: tuple[str, ...] | None = None
    env: dict[str, str] | None = None
    limits: Limits = field(default_factory=Limits)
    environment: Source | None = None
    refuel: Source | None = None
    wasi: dict[str, Standard | Remote] = field(default_factory=dict)
    preopens: dict[str, Source] = field(default_factory=dict)
    preopen_fds: dict[str, int] = field(default_factory=dict)
    sockets: dict[str, Standard | Remote] = field(default_factory=dict)
    socket_fds: dict[str, int] = field(default_factory=dict)
    grants: dict[str, Source] = field(default_factory=dict)
    narrow: dict[str, Narrowing] = field(default_factory=dict)
    compose: dict[str, Path] = field(default_factory=dict)
    isolation: Isolation = "none"
    components: dict[str, Manifest] = field(default_factory=dict)

    @property
    def sources(self) -> dict[str, Source]:
        """Where everything comes from that the program is granted, by its key."""
        found: dict[str, Source] = {f"grants.{name}": source for name, source in self.grants.items()}
        found |= {f"wasi.{name}": source for name, source in self.wasi.items()}
        found |= {f"wasi.preopens.{path}": source for path, source in self.preopens.items()}
        found |= {f"wasi.sockets.{name}": source for name, source in self.sockets.items()}
        if self.environment is not None:
            found["env.scope"] = self.environment
        if self.refuel is not None:
            found["refuel"] = self.refuel
        return found

    def is_folder(self, key: str) -> bool:
        """Return whether a grant is the folder of a preopen, by the grant's key."""
        given = [source.name for source in self.preopens.values() if isinstance(source, Given)]
        return key.removeprefix("grants.") in given

    @property
    def indirect(self) -> set[str]:
        """The names of those of its grants that are needed for something else: a preopen, the code."""
        names = {source.name for source in self.preopens.values() if isinstance(source, Given)}
        if isinstance(self.module, Stored):
            names.add(self.module.store)
        return names & self.grants.keys()


def isolated(manifest: Manifest) -> Manifest:
    """Return a manifest all of whose programs run in processes of their own."""

    def source(given: Source) -> Source:
        return replace(given, manifest=isolated(given.manifest)) if isinstance(given, Exported) else given

    return replace(
        manifest,
        isolation="process",
        grants={name: source(given) for name, given in manifest.grants.items()},
        preopens={path: source(given) for path, given in manifest.preopens.items()},
        environment=None if manifest.environment is None else source(manifest.environment),
        refuel=None if manifest.refuel is None else source(manifest.refuel),
        components={name: isolated(each) for name, each in manifest.components.items()},
    )
