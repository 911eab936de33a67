"""Wiring: which components of a manifest are granted which, and in what order they start."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from capwit.bridge.errors import ManifestError

from .declared import Exported, Wired

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from .declared import Manifest


class Wire(NamedTuple):
    """A grant that a component of the manifest satisfies: its key, and the component's name."""

    key: str
    component: str


def wires(manifest: Manifest) -> Iterator[Wire]:
    """Yield the grants of a program that other components satisfy, those of components in it too."""
    left = [("", manifest)]
    while left:
        prefix, inner = left.pop()
        for key, source in inner.sources.items():
            match source:
                case Wired():
                    yield Wire(prefix + key, source.component)
                case Exported():
                    left.append((f"{prefix}{key}.", source.manifest))
                case _:
                    pass


def in_order(path: Path, roots: Iterable[Wire], components: Mapping[str, Manifest]) -> list[str]:
    """Return the components that wires lead to, each after those that it needs itself.

    Raises:
        ManifestError: there is no such component, or some wait for each other in a loop, which is shown.
    """
    done: dict[str, None] = {}
    way: dict[str, Wire] = {}  # how the component that is looked at was come to, by each one's name
    left = [iter(roots)]
    while left:
        wire = next(left[-1], None)
        if wire is None:
            left.pop()
            if way:
                done[way.popitem()[0]] = None
            continue
        key = f"components.{next(reversed(way))}.{wire.key}" if way else wire.key
        if wire.component not in components:
            known = ", ".join(components) or "none"
            raise ManifestError(
                f"{path}: {key}.component: there is no component {wire.component!r}; "
                f"there are {known}. Mend: add [components.{wire.component}]"
            )
        if wire.component in way:
            shown = wire.component
            for step in (*list(way.values())[list(way).index(wire.component) + 1 :], wire):
                shown += f" -({step.key})-> {step.component}"
            raise ManifestError(
                f"{path}: {key}: components wait for each other in a loop: {shown}. "
                "Mend: take one of these grants out"
            )
        if wire.component not in done:
            way[wire.component] = wire
            left.append(wires(components[wire.component]))
    return list(done)


def check_wiring(manifest: Manifest) -> None:
    """Check the wires of a program and of all its components, needed or not.

    Raises:
        ManifestError: as `in_order` has it.
    """
    declared = (Wire(f"components.{name}", name) for name in manifest.components)
    in_order(manifest.path, (*wires(manifest), *declared), manifest.components)
