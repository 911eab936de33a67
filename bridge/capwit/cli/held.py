"""What the command line gives to manifests: options that `run` and `inspect` have in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.bridge import CapSet
from capwit.bridge.addresses import AddressRule, parse_name
from capwit.bridge.origins import OriginRule
from capwit.manifest import Remote, Source, read_toml
from capwit.manifest.host_policy import parse_policy, split_unix
from capwit.manifest.kinds import everything
from capwit.program import MACHINE, Holdings
from capwit.program.sources import make_source

from .network import add_allowances

if TYPE_CHECKING:
    import argparse

# What stands on the command line is the host's owner's own word: no folder and no address is closed to it.
OWNER: Final = everything(Path(Path.cwd().anchor))


@dataclass(frozen=True, slots=True)
class Held:
    """What the host has: what manifests may name by themselves, and the sources of what is given by name."""

    holdings: Holdings
    caps: dict[str, Source]
    path: Path | None

    async def make(self) -> CapSet:
        """Make the capabilities that are given by name. One of a peer is had by whoever it is given to.

        Raises:
            ManifestError: one cannot be made.
        """
        made: dict[str, object] = {}
        for name, source in self.caps.items():
            far = isinstance(source, Remote)
            made[name] = source if far else await make_source(source, f"{self.path}: caps.{name}")
        return CapSet(made)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = command.add_argument_group("what a manifest may ask for")
    group.add_argument(
        "--allow-dir", action="append", default=[], type=Path, metavar="PATH",
        help="a folder that the manifest may name, besides its own",
    )  # fmt: skip
    add_allowances(group)
    group.add_argument("--policy", type=Path, metavar="FILE.toml", help="what the manifest may ask for")


def read_held(options: argparse.Namespace) -> Held:
    """Return what the host has.

    Raises:
        ManifestError: the policy cannot be read, or a key of it is wrong.
    """
    holdings: Holdings = replace(MACHINE, code_folders=(Path.cwd(),))
    caps: dict[str, Source] = {}
    if options.policy is not None:
        holdings, caps = parse_policy(read_toml(options.policy, "a policy"), options.policy)
    folders = tuple(path.resolve() for path in options.allow_dir)
    connect, unix = split_unix(options.allow_connect)
    holdings = replace(
        holdings,
        folders=(*holdings.folders, *folders),
        connect=(*holdings.connect, *map(AddressRule.parse, connect)),
        unix=(*holdings.unix, *(Path(text.removeprefix("unix:")).resolve() for text in unix)),
        fetch=(*holdings.fetch, *map(OriginRule.parse, options.allow_fetch)),
        listen=(*holdings.listen, *map(AddressRule.parse, options.allow_listen)),
        names=(*holdings.names, *map(parse_name, options.allow_resolve)),
    )
    return Held(holdings, caps, options.policy)
