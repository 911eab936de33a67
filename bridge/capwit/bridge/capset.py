"""CapSets: the named capabilities of one holder, and who holds what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

from .capability import Client
from .errors import GrantError, HandleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .binding import Grants
    from .membrane import Membrane
    from .policy import Policy
    from .running import Running

G = TypeVar("G", bound="Grants")


class CapSet(Mapping[str, Any]):
    """The named capabilities of one holder. What it passes on is a part of it, or less.

    Its values are clients, and whatever else a grants struct may hold. It does not change: each operation
    returns another one.
    """

    __slots__ = ("_held",)

    def __init__(self, held: Mapping[str, Any] | None = None) -> None:
        """Hold capabilities by name; none by default."""
        self._held = dict(held or {})

    @classmethod
    def of(cls, *grants: Grants, membrane: Callable[[type[Grants], str], Membrane] | None = None) -> Self:
        """Return what grants hold: those of WASI under `wasi.stdout`, ..., others under their own names.

        Where several classes have a grant of one name, the class is part of it: `AppGrants.store`. With
        `membrane`, each is on the other side of the one that it returns for the class and the name.

        Raises:
            GrantError: one is not of its type, or two have the same name and class.
        """
        clients = [
            (type(given), given.clients(None if membrane is None else partial(membrane, type(given))))
            for given in grants
        ]
        count = Counter(name for _, named in clients for name in named)
        held: dict[str, Any] = {}
        for make, named in clients:
            for name, value in named.items():
                key = name if count[name] == 1 else _of_class(make, name)
                if key in held:
                    raise GrantError(f"two grants are named `{key}`. Mend: make a CapSet of each")
                held[key] = value
        return cls(held)

    def __getitem__(self, name: str) -> Any:
        """Return what is held under a name.

        Raises:
            GrantError: nothing is.
        """
        try:
            return self._held[name]
        except KeyError:
            raise self._lacks(name) from None

    def get(self, name: str, default: Any = None) -> Any:
        """Return what is held under a name, else `default`."""
        return self._held.get(name, default)

    def __contains__(self, name: object) -> bool:
        """Tell whether anything is held under a name."""
        return name in self._held

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._held)

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._held)

    def __repr__(self) -> str:
        """Show the names."""
        return f"<CapSet of {', '.join(self._held) or 'nothing'}>"

    def _lacks(self, name: str) -> GrantError:
        return GrantError(f"`{name}` is not held: held are {', '.join(sorted(self._held)) or 'none'}")

    def only(self, *names: str) -> Self:
        """Return what is held under these names alone.

        Raises:
            GrantError: nothing is held under one of them.
        """
        return type(self)({name: self[name] for name in names})

    def attenuate(self, name: str, policy: Policy | None = None) -> Self:
        """Return the same, but that one capability can be revoked, and does no more than a policy allows.

        Raises:
            GrantError: it is not held, or is no capability by itself.
            ValueError: the policy names a method that there is not, or a quota is no number, size or time.
        """
        client = self[name]
        if not isinstance(client, Client):
            raise GrantError(f"`{name}` is a {type(client).__name__}, which cannot be narrowed as a whole")
        return type(self)({**self._held, name: client.attenuate(policy, name=name)})

    def grants(self, make: type[G]) -> G:
        """Return grants of a generated class, made of what is held under the names of its fields.

        Raises:
            GrantError: one that must be granted is not held.
        """
        assert is_dataclass(make)
        given: dict[str, Any] = {}
        for field in fields(make):
            name = make.prefix + field.name
            if (own := _of_class(make, name)) in self._held:
                given[field.name] = self._held[own]
                continue
            several = {key.removeprefix(f"{name}."): key for key in self._held if key.startswith(f"{name}.")}
            if name in self._held:
                given[field.name] = self._held[name]
            elif several:  # a grant of capabilities by names of their own
                given[field.name] = {each: self._held[key] for each, key in several.items()}
            elif field.default is MISSING and field.default_factory is MISSING:
                raise GrantError(f"{make.__name__}: {self._lacks(name)}")
        return make(**given)


def _of_class(make: type[Grants], name: str) -> str:
    return f"{make.__name__}.{name}"


def check_held(parent: Running, grants: Grants, name: str) -> None:
    """Check that an instance holds what it is to pass on.

    It holds its grants and what came of them, its live handles, and what it implements itself, each as it
    has it: what it was given narrowed, it can only give narrowed.

    Raises:
        GrantError: it does not hold a capability; the message names it.
    """
    for granted in grants.capabilities():
        try:
            held = isinstance(granted.capability, Client) and parent.holds(granted.capability)
        except HandleError as error:
            raise GrantError(f"{name}: the grant `{granted.path}`: {error}") from None
        if not held:
            known = ", ".join(parent.caps) or "none"
            raise GrantError(
                f"{name}: the grant `{granted.path}`, a {granted.interface}, is not held by its parent "
                f"{parent.name}, whose grants are {known}. "
                f"Mend: grant one of `parent.caps`, or what came of one"
            )
