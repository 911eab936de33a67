"""A party of parcel.capnp, in Python. party.c is the same in C.

What is on the pile is owned. `fling` apart, an error of a peer's is the party's own.
"""

from contextlib import suppress
from itertools import count

from componentize_py_types import Err
from wit_world.exports import party_exports_parcel, party_exports_party
from wit_world.imports import parcel, party_grants

pile: list[parcel.Parcel] = []
given: list[parcel.Parcel] = []  # what was given away: the objects are left, and of no use
lent: list[parcel.Parcel] = []
numbers = count(1)


def pop() -> parcel.Parcel:
    given[:] = [pile.pop()]
    return given[0]


def peer() -> parcel.Party:
    found = party_grants.get_peer()
    assert found is not None
    return found


def packed() -> parcel.Crate:
    """One in each place, from the bottom of the pile."""
    first, spare, *others = [*pile] if len(pile) > 1 else [pile[0], None]
    given[:] = pile
    pile.clear()
    rest, left = others[:1], others[1:]
    wrapping: parcel.CrateWrapping = parcel.CrateWrapping_None_()
    if len(left) == 1:
        wrapping = parcel.CrateWrapping_Gift(left[0])
    elif left:
        wrapping = parcel.CrateWrapping_Bundle(left)
    return parcel.Crate("crate", first, spare, rest, wrapping)


class Party(party_exports_party.Party):
    """What the host, and other parties, call."""

    def __init__(self) -> None: ...

    def make(self, label: str) -> None:
        with party_grants.get_desk() as desk:
            pile.append(desk.make(label))

    def label(self) -> str:
        return pile[-1].label()

    def give(self) -> parcel.Parcel:
        return pop()

    def take(self, parcel: parcel.Parcel) -> str:
        pile.append(parcel)
        return parcel.label()

    def look(self, parcel: parcel.Parcel) -> str:
        return parcel.label()

    def keep(self, parcel: parcel.Parcel) -> None:
        lent.append(parcel)

    def kept(self) -> str:
        return lent[-1].label()

    def pack(self) -> parcel.Crate:
        return packed()

    def unpack(self, crate: parcel.Crate) -> list[str]:
        taken = [crate.first, crate.spare, *crate.rest]
        match crate.wrapping:
            case parcel.CrateWrapping_Gift(gift):
                taken.append(gift)
            case parcel.CrateWrapping_Bundle(bundle):
                taken += bundle
        taken = [each for each in taken if each is not None]
        pile.extend(taken)
        return [each.label() for each in taken]

    def drop(self) -> None:
        with pop():
            pass

    def pair(self, lent: parcel.Parcel, own: parcel.Parcel) -> bool:
        pile.append(own)
        return lent.same(own)

    def spill(self, parcel: parcel.Parcel) -> None:
        pile.append(parcel)
        raise AssertionError("spilt")

    def hand(self) -> str:
        with peer() as to:
            return to.take(pop())

    def ship(self) -> list[str]:
        with peer() as to:
            return to.unpack(packed())

    def lend(self) -> str:
        with peer() as to:
            return to.look(pile[-1])

    def fling(self) -> None:
        with peer() as to, suppress(Err):
            to.spill(pop())

    def again(self) -> str:
        return given[-1].label()

    def twice(self) -> list[str]:
        with peer() as to:
            same = pop()
            return to.unpack(parcel.Crate("twice", same, None, [same], parcel.CrateWrapping_None_()))

    def both(self) -> bool:
        with peer() as to:
            return to.pair(pile[-1], pile[-1])

    def regive(self, parcel: parcel.Parcel) -> parcel.Parcel:
        return parcel


class Parcel(party_exports_parcel.Parcel):
    """A parcel of its own. That it goes it cannot tell: componentize-py 0.25 keeps the object."""

    def __init__(self) -> None:
        self.number = next(numbers)

    def label(self) -> str:
        return f"own {self.number}"

    def same(self, other: parcel.Parcel) -> bool:
        return False  # which one it is, a party is not told
