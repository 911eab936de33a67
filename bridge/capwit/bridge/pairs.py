"""Types of WIT, and those of the schema that was exported from it: pairs, which turn values.

`capwit export` makes Cap'n Proto of WIT, and `capwit generate` the bindings of that. So each type of a
component has one in the bindings that stands for it: for an `option` a union, for a tuple a struct. What
turns values of the one into values of the other is made once; the component's are plain values, as
`engine.types` has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from capwit.engine.types import (
    Borrow,
    Enum,
    Err,
    Field,
    Flags,
    List,
    Ok,
    Option,
    Own,
    Prim,
    Record,
    Result,
    Some,
    String,
    Tuple,
    Type,
    Variant,
)

from .capability import Client, check_implements
from .errors import CapError, ConversionError, ErrorKind
from .ledger import Event
from .match import compatible, kind_of
from .table import client_class
from .target import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from capwit.engine.types import Resource

    from .instance import Instance
    from .table import GuestHandle

    # Turns a value, with what the call that it is of knows of its capabilities.
    Turn: TypeAlias = Callable[[Any, "Passage"], Any]


class Unpaired(Exception):  # noqa: N818 - whoever pairs says what that means
    """The bindings were not made of this WIT: the message has the place."""


class Passage:
    """The capabilities of one call: of an `instance`, or by a guest, which passes none of its own."""

    def __init__(self, instance: Instance | None = None, on: Sequence[GuestHandle] = ()) -> None:
        """Begin a call, which may be `on` a handle."""
        self._instance = instance
        self._handles = dict.fromkeys(on, False)  # that go in, and whether they are given
        self._given: list[Client] = []
        self._spare: list[Client] = []  # that came to be owned, where the component is only lent them

    def give(self, client: Client) -> GuestHandle:
        """Return the handle of a resource of the guest's own that it gets back."""
        self._given.append(client)
        return self._own(client, given=True)

    def lend(self, client: Client) -> GuestHandle:
        """Return the handle of a resource of the guest's own that it is lent."""
        return self._own(client, given=False)

    def spare(self, client: Client) -> Client:
        """Take over a reference that is to end with the call."""
        self._spare.append(client)
        return client

    def adopt(self, handle: GuestHandle, make: type[Client]) -> Client:
        """Return a client of a resource of the guest's own that has come out."""
        assert self._instance is not None
        return make.owning(self._instance.adopt(handle, str(make.interface), make))

    def _own(self, client: Client, *, given: bool) -> GuestHandle:
        assert self._instance is not None
        handle = self._instance.handle_of(client)
        if handle is None:
            got = "one of elsewhere" if client.target.origin is Origin.REMOTE else "another one"
            expected = f"expected a {type(client).interface} that this component has made"
            raise CapError(ErrorKind.FAILED, f"{expected}, got {got}")
        if handle in self._handles and (given or self._handles[handle]):
            what = type(client).interface
            raise CapError(
                ErrorKind.FAILED, f"a {what} is given away by a call that is to use it otherwise, too"
            )
        self._handles[handle] = given
        return handle

    def sent(self) -> None:
        """The call has been made: what it gave is the guest's."""
        for client in self._given:
            if client.owned is not None and client.owned.live:
                client.owned.end(Event.GIVE, "given back to the component that made it")

    def over(self) -> None:
        """The call is over, or was not made."""
        for client in self._spare:
            if client.owned is not None and client.owned.live:
                client.owned.end(Event.RELEASE, "lent for one call")


class Pair(NamedTuple):
    """What turns values of a component's type and the one that stands for it; None: they are alike."""

    there: Turn | None = None
    back: Turn | None = None


ALIKE: Final = Pair()
_CHAR: Final = Pair(lambda value, _: _char(value), lambda value, _: ord(value))


def pair(found: Type, known: Type, path: str) -> Pair:
    """Return what turns values of a component's type `there`, and values of the bindings' `back`.

    Raises:
        Unpaired: the one does not stand for the other.
    """
    match found, known:
        case (Prim("char"), Prim("u32")):
            return _CHAR
        case (String(), String()):
            return ALIKE
        case (Prim(ours), Prim(theirs)) if ours == theirs:
            return ALIKE
        case (List(ours), List(theirs)):
            return _list(pair(ours, theirs, f"{path}[]"))
        case (Record(), Record(spread=None)):
            return _record(found, known, path)
        case (Tuple(items), Record(spread=None)):
            return _tuple(items, known, path)
        case (Flags(labels), Record(spread=None)):
            return _flags(labels, known, path)
        case (Enum(labels), Enum(theirs, make)) if make is not None:
            given = _matched(labels, theirs, path)
            numbers = {make(known): label for label, known in given.items()}
            members = {label: member for member, label in numbers.items()}
            return Pair(lambda value, _: numbers[value], lambda value, _: members[value])
        case (Variant(cases), Variant()):
            return _variant([(case.label, case.type) for case in cases], known, path)
        case (Option(Own() | Borrow() as some), Option(held)):
            there, back = pair(some, held, path)
            return Pair(_unless_none(there), _unless_none(back))
        case (Option(some), Variant()):
            return _option(some, known, path)
        case (Result(ok, err), Variant()):
            return _result(ok, err, known, path)
        case (Own(resource) | Borrow(resource), Own(held) | Borrow(held)):
            return _capability(resource, isinstance(found, Own), held, isinstance(known, Own), path)
        case _:
            raise Unpaired(f"{path}: it is {kind_of(found)}, in the bindings {kind_of(known)}")


def _matched(found: Sequence[str], known: Sequence[str], path: str) -> dict[str, str]:
    """Return the bindings' label of each of the component's: those of a schema are in lower case."""
    given = {label: label.lower() for label in found}
    for what, some, others in (("lacks", known, given.values()), ("has", given.values(), known)):
        if missing := [label for label in some if label not in others]:
            there = "" if what == "lacks" else ", which the bindings lack"
            raise Unpaired(f"{path}: it {what} {', '.join(missing)}{there}")
    return given


def _list(item: Pair) -> Pair:
    def each(turn: Turn | None) -> Turn | None:
        return None if turn is None else lambda value, x: [turn(each, x) for each in value]

    return Pair(each(item.there), each(item.back))


def _record(found: Record, known: Record, path: str) -> Pair:
    ours = {field.label: field.type for field in found.fields}
    theirs = {field.label: field for field in known.fields}
    given = _matched(list(ours), list(theirs), path)
    pairs = {label: pair(type, theirs[given[label]].type, f"{path}.{label}") for label, type in ours.items()}
    make = known.make
    assert make is not None
    out = [(label, theirs[given[label]].attribute, pairs[label].there) for label in ours]
    named = {known: label for label, known in given.items()}
    back = [(named[label], pairs[named[label]].back) for label in theirs]
    return Pair(
        lambda value, x: {label: turned(getattr(value, name), turn, x) for label, name, turn in out},
        lambda value, x: make(*[turned(value[label], turn, x) for label, turn in back]),
    )


def _tuple(items: Sequence[Type], known: Record, path: str) -> Pair:
    labels = [f"v{index}" for index in range(len(items))]
    fields = (Field(label, item, label) for label, item in zip(labels, items, strict=True))
    there, back = _both(_record(Record(tuple(fields)), known, path))
    return Pair(
        lambda value, x: tuple(there(value, x).values()),
        lambda value, x: back(dict(zip(labels, value, strict=True)), x),
    )


def _flags(labels: Sequence[str], known: Record, path: str) -> Pair:
    theirs = {field.label: field for field in known.fields}
    given = _matched(labels, list(theirs), path)
    named = {known: label for label, known in given.items()}
    make = known.make
    assert make is not None
    attributes = {label: theirs[given[label]].attribute for label in labels}
    order = [named[label] for label in theirs]
    return Pair(
        lambda value, _: frozenset(label for label, name in attributes.items() if getattr(value, name)),
        lambda value, _: make(*[label in value for label in order]),
    )


def _variant(cases: Sequence[tuple[str, Type | None]], known: Variant, path: str) -> Pair:
    """Pair the cases of a variant; the component's value is a label and what the case holds."""
    theirs = {case.label: case for case in known.cases}
    given = _matched([label for label, _ in cases], list(theirs), path)
    out: dict[Any, tuple[str, bool, Turn | None]] = {}
    back: dict[str, tuple[Any, bool, Turn | None]] = {}
    for label, type in cases:
        case = theirs[given[label]]
        if (type is None) != (case.type is None):
            raise Unpaired(f"{path}.{label}: only one of the two has a value")
        inner = pair(type, case.type, f"{path}.{label}") if type and case.type else ALIKE
        out[case.make] = label, type is not None, inner.there
        back[label] = case.make, type is not None, inner.back

    def there(value: Any, x: Passage) -> Any:
        label, holds, turn = out[value.__class__]
        return label, turned(value.value, turn, x) if holds else None

    def again(value: Any, x: Passage) -> Any:
        make, holds, turn = back[value[0]]
        return make(turned(value[1], turn, x)) if holds else make()

    return Pair(there, again)


def _option(some: Type, known: Variant, path: str) -> Pair:
    there, back = _both(_variant([("none", None), ("some", some)], known, path))
    wraps = isinstance(some, Option)

    def out(value: Any, x: Passage) -> Any:
        label, held = there(value, x)
        return None if label == "none" else Some(held) if wraps else held

    def again(value: Any, x: Passage) -> Any:
        if value is None:
            return back(("none", None), x)
        return back(("some", value.value if wraps else value), x)

    return Pair(out, again)


def _result(ok: Type | None, err: Type | None, known: Variant, path: str) -> Pair:
    there, back = _both(_variant([("ok", ok), ("err", err)], known, path))

    def out(value: Any, x: Passage) -> Any:
        label, held = there(value, x)
        return Ok(held) if label == "ok" else Err(held)

    def again(value: Any, x: Passage) -> Any:
        return back(("ok" if isinstance(value, Ok) else "err", value.value), x)

    return Pair(out, again)


def _capability(resource: Resource, owns: bool, held: Resource, given: bool, path: str) -> Pair:
    """Pair a handle with a capability; one that is lent within another type comes as one that is given."""
    if resource.name != held.name or not compatible(held.interface, resource.interface) or owns > given:
        ours, theirs = f"{resource.interface}.{resource.name}", f"{held.interface}.{held.name}"
        raise Unpaired(f"{path}: it is {ours}, in the bindings {theirs}")
    make = client_class(held)
    if resource.guest:
        if owns:
            return Pair(lambda value, x: x.give(value), lambda value, x: x.adopt(value, make))
        if given:
            return Pair(lambda value, x: x.lend(x.spare(value)))
        return Pair(lambda value, x: x.lend(value))
    if owns:
        return Pair(lambda value, _: _client(value, make), lambda value, _: make.owning(value))
    return Pair(
        lambda value, x: x.spare(_client(value, make)) if given else _client(value, make),
        lambda value, _: make.lent(value),
    )


def _client(value: Any, make: type[Client]) -> Client:
    check_implements(make.interface, value)
    return value if isinstance(value, Client) else make(value)


def _both(pair: Pair) -> tuple[Turn, Turn]:
    """Return what turns values of two types that are never alike."""
    assert pair.there is not None and pair.back is not None
    return pair.there, pair.back


def turned(value: Any, turn: Turn | None, x: Passage) -> Any:
    """Return a value, turned unless it is alike."""
    return value if turn is None else turn(value, x)


def _unless_none(turn: Turn | None) -> Turn | None:
    return None if turn is None else lambda value, x: None if value is None else turn(value, x)


def _char(point: int) -> str:
    if not 0 <= point < 0x110000 or 0xD800 <= point < 0xE000:
        raise ConversionError(f"{point} is no character of Unicode")
    return chr(point)
