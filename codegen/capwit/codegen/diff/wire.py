"""What changed between two versions of a schema as Cap'n Proto sees it: what reaches peers.

Source: https://capnproto.org/language.html#evolving-your-protocol
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from capwit.codegen.diff.change import Bump, Change
from capwit.codegen.schema.nodes import (
    STREAM_RESULT,
    Annotation,
    AnyPointer,
    Binding,
    Builtin,
    Const,
    Enum,
    File,
    Group,
    Interface,
    ListOf,
    Node,
    Parameter,
    Schema,
    Struct,
    Type,
    Use,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from capwit.codegen.schema.nodes import Member, Method
    from capwit.codegen.schema.wire import Slot, Wire

_M = TypeVar("_M", bound="Member")

_KINDS: Final = {Struct: "a struct", Enum: "an enum", Interface: "an interface", Const: "a constant"}
_BYTES: Final = (Builtin("text"), ListOf(Builtin("uint8")), ListOf(Builtin("int8")))


def compare(old: Wire, new: Wire) -> list[Change]:
    """All changes, by what they are of."""
    return sorted({*_Comparison(old, new).changes()})


class _Comparison:
    """Two schemas, and which declaration of the one is which of the other."""

    def __init__(self, old: Wire, new: Wire) -> None:
        self.old = old
        self.new = new
        self.pairs: dict[int, int] = {}
        self.back: dict[int, int] = {}
        self.waiting: list[tuple[int, int]] = []
        self.compared: set[tuple[int, int]] = set()

    def changes(self) -> Iterator[Change]:
        self._pair_all()
        while self.waiting:
            pair = self.waiting.pop(0)
            if pair not in self.compared:
                self.compared.add(pair)
                yield from self._node(self.old.schema.node(pair[0]), self.new.schema.node(pair[1]))
        for node in _declared(self.old.schema):
            if node.id not in self.pairs:
                bump = Bump.PATCH if isinstance(node.body, Const) else Bump.MAJOR
                yield self._change(self.old, node, "", "it is gone", bump)
        for node in _declared(self.new.schema):
            if node.id not in self.back:
                yield self._change(self.new, node, "", f"new: {_KINDS[type(node.body)]}", Bump.MINOR)

    def _pair_all(self) -> None:
        """Pairs what has the same id, else the same name in the same file."""
        names = {_name(self.new.schema, node): node.id for node in _declared(self.new.schema)}
        listed = [*_declared(self.old.schema)]
        for node in listed:
            if node.id in self.new.schema.nodes:
                self._pair(node.id, node.id)
        for node in listed:
            named = names.get(_name(self.old.schema, node))
            if node.id not in self.pairs and named is not None and named not in self.back:
                self._pair(node.id, named)

    def _pair(self, old: int, new: int) -> None:
        self.pairs[old] = new
        self.back[new] = old
        self.waiting.append((old, new))

    def _same(self, old: int, new: int) -> bool:
        """Whether two declarations are one; two that were not known are taken as one from here on."""
        if self.pairs.get(old) == new:
            return True
        if old in self.pairs or new in self.back:
            return False
        self._pair(old, new)
        return True

    def _node(self, old: Node, new: Node) -> Iterator[Change]:
        inline = old.inline or new.inline
        if old.name != new.name and not inline:
            yield self._change(self.new, new, "", f"it was named {old.name}", Bump.PATCH)
        if old.id != new.id and not inline and not isinstance(new.body, Const):
            bump = Bump.MAJOR if isinstance(new.body, Interface) else Bump.PATCH
            told = "by which calls name it" if bump is Bump.MAJOR else "which messages do not carry"
            yield self._change(self.new, new, "", f"its id was {old.id:#x}, {told}", bump)
        match old.body, new.body:
            case Struct(), Struct():
                yield from self._struct(old, new)
            case Enum(before), Enum(after):
                yield from self._members(new, "enumerant", _by_ordinal(before), _by_ordinal(after))
            case Interface(), Interface():
                yield from self._interface(new, old.body, new.body)
            case Const(value=before), Const(value=after):
                if before != after:
                    yield self._change(self.new, new, "", "its value changed", Bump.PATCH)
            case before, after if type(before) is not type(after):
                told = f"it was {_KINDS[type(before)]}, and is {_KINDS[type(after)]}"
                yield self._change(self.new, new, "", told, Bump.MAJOR)
            case _:
                pass

    def _struct(self, old: Node, new: Node) -> Iterator[Change]:
        before, after = self.old.slots(old.id), self.new.slots(new.id)
        kind = "field" if not new.inline else "parameter" if new.name.endswith("$Params") else "result"
        yield from self._members(new, kind, before, after)
        known = [slot for ordinal, slot in after.items() if ordinal in before]
        for ordinal in before.keys() & after.keys():
            for told, bump in self._slot(before[ordinal], after[ordinal], known):
                yield self._change(self.new, new, after[ordinal].name, told, bump)

    def _slot(self, old: Slot, new: Slot, known: list[Slot]) -> Iterator[tuple[str, Bump]]:
        """What became of a field; `known` are all that the old version has too, as they are now."""
        if (bump := self._type(old.type, new.type)) is not Bump.NONE:
            before, after = written(self.old.schema, old.type), written(self.new.schema, new.type)
            yield f"its type was {before}, and is {after}", bump
            return
        if old.offset != new.offset:
            yield "it lies elsewhere in the struct", Bump.MAJOR
        if old.default != new.default:
            yield "its default changed", Bump.MAJOR
        if old.choices == new.choices:
            return
        around = new.choices[: len(new.choices) - len(old.choices)]
        unions = {choice.offset for choice in around}
        first = all(
            not choice.number for other in known for choice in other.choices if choice.offset in unions
        )
        if around and first and new.choices == around + old.choices:
            yield "it is now the first member of a union", Bump.MINOR
        elif [choice.offset for choice in old.choices] == [choice.offset for choice in new.choices]:
            yield "the number that chooses it in its union changed", Bump.MAJOR
        else:
            yield "it moved in or out of a union", Bump.MAJOR

    def _members(
        self, node: Node, kind: str, before: Mapping[int, Slot | Member], after: Mapping[int, Slot | Member]
    ) -> Iterator[Change]:
        """What changed in a list of numbered members: what is gone, new, renamed and renumbered."""
        numbers = {member.name: ordinal for ordinal, member in after.items()}
        for ordinal, member in before.items():
            number = numbers.get(member.name)
            if number is not None and number != ordinal:
                yield self._change(
                    self.new, node, member.name, f"its number was @{ordinal}, and is @{number}", Bump.MAJOR
                )
            elif ordinal not in after:
                message = f"{kind} @{ordinal} `{member.name}` is gone"
                yield self._change(self.new, node, "", message, Bump.MAJOR)
            elif number is None:
                told = f"it was named {member.name}"
                yield self._change(self.new, node, after[ordinal].name, told, Bump.PATCH)
        known = {member.name for member in before.values()}
        for ordinal, member in after.items():
            if ordinal not in before and member.name not in known:
                yield self._change(self.new, node, member.name, f"a new {kind}", Bump.MINOR)

    def _interface(self, node: Node, old: Interface, new: Interface) -> Iterator[Change]:
        before, after = _by_ordinal(old.methods), _by_ordinal(new.methods)
        yield from self._members(node, "method", before, after)
        for ordinal in before.keys() & after.keys():
            yield from self._method(node, before[ordinal], after[ordinal])
        extended = list(new.superclasses)
        for use in old.superclasses:
            found = next((each for each in extended if self._type(use, each) is Bump.NONE), None)
            if found is None:
                name = written(self.old.schema, use)
                yield self._change(self.new, node, "", f"it no longer extends {name}", Bump.MAJOR)
            else:
                extended.remove(found)
        for use in extended:
            name = written(self.new.schema, use)
            yield self._change(self.new, node, "", f"it now extends {name}", Bump.MINOR)

    def _method(self, node: Node, old: Method, new: Method) -> Iterator[Change]:
        if (old.results.id == STREAM_RESULT) != (new.results.id == STREAM_RESULT):
            told = "it was streaming" if old.results.id == STREAM_RESULT else "it is now streaming"
            yield self._change(self.new, node, new.name, told, Bump.MINOR)
        for before, after, what in (
            (old.params, new.params, "parameters"),
            (old.results, new.results, "results"),
        ):
            inline = STREAM_RESULT not in (before.id, after.id) and (
                self.old.schema.node(before.id).inline or self.new.schema.node(after.id).inline
            )
            if inline:
                self.waiting.append((before.id, after.id))
            elif STREAM_RESULT in (before.id, after.id):
                one, other = self.old.slots(before.id), self.new.slots(after.id)
                if one and not other:
                    yield self._change(self.new, node, new.name, "its results are gone", Bump.MAJOR)
            elif self._type(before, after) is not Bump.NONE:
                was, now = written(self.old.schema, before), written(self.new.schema, after)
                yield self._change(
                    self.new, node, new.name, f"its {what} were {was}, and are {now}", Bump.MAJOR
                )

    def _type(self, old: Type, new: Type) -> Bump:
        """What it means that something of one type is of another one now."""
        match old, new:
            case Use(), Use():
                return Bump.NONE if self._same(old.id, new.id) and self._brands(old, new) else Bump.MAJOR
            case ListOf(before), ListOf(after):
                return Bump.MINOR if self._is_upgrade(before, after) else self._type(before, after)
            case Parameter(before_scope, index), Parameter(after_scope, other):
                same = before_scope == after_scope
                if before_scope is not None and after_scope is not None:
                    same = self._same(before_scope, after_scope)
                return Bump.NONE if same and index == other else Bump.MAJOR
            case _ if old == new:
                return Bump.NONE
            case _, Builtin("data") if old in _BYTES:
                return Bump.MINOR
            case ((Use() | ListOf() | AnyPointer() | Builtin("text" | "data")), AnyPointer("AnyPointer")):
                return Bump.MINOR if self._is_pointer(old) else Bump.MAJOR
            case _:
                return Bump.MAJOR

    def _is_pointer(self, type: Type) -> bool:
        return not isinstance(type, Use) or not isinstance(self.old.schema.node(type.id).body, Enum)

    def _is_upgrade(self, old: Type, new: Type) -> bool:
        """Whether elements became structs whose first field is what they were: both are read alike."""
        if isinstance(old, Use) and isinstance(self.old.schema.node(old.id).body, Struct):
            return False
        if old == Builtin("bool") or not isinstance(new, Use) or new.id not in self.new.layouts:
            return False
        first = self.new.slots(new.id).get(0)
        return first is not None and not first.choices and self._type(old, first.type) is Bump.NONE

    def _brands(self, old: Use, new: Use) -> bool:
        before, after = _bound(old.brand), _bound(new.brand)
        if len(before) != len(after):
            return False
        return all(
            (one is None and other is None)
            or (one is not None and other is not None and self._type(one, other) is Bump.NONE)
            for one, other in zip(before, after, strict=True)
        )

    def _change(self, wire: Wire, node: Node, member: str, message: str, bump: Bump) -> Change:
        error = wire.schema.error(node.id, member.partition(".")[0], "")
        subject = ".".join(filter(None, [node.name, member]))
        for kind in ("$Params", "$Results"):
            subject = subject.replace(kind, "")
        return Change(subject, message, bump, str(error.location))


def written(schema: Schema, type: Type | Group) -> str:
    """A type as a schema writes it."""
    match type:
        case Builtin(name):
            return _BUILTINS.get(name, name[:1].upper() + name[1:])
        case ListOf(element):
            return f"List({written(schema, element)})"
        case Use(id, brand):
            name = schema.nodes[id].name if id in schema.nodes else f"{id:#x}"
            bound = ", ".join(written(schema, each) if each else "AnyPointer" for each in _bound(brand))
            return f"{name}({bound})" if bound else name
        case AnyPointer(name):
            return name
        case Parameter():
            return "a type parameter"
        case Group():
            return "a group"


_BUILTINS: Final = {"uint8": "UInt8", "uint16": "UInt16", "uint32": "UInt32", "uint64": "UInt64"}


def _bound(brand: tuple[Binding, ...]) -> list[Type | None]:
    return [type for binding in brand for type in binding.types or ()]


def _by_ordinal(members: tuple[_M, ...]) -> dict[int, _M]:
    return {member.ordinal: member for member in members if member.ordinal is not None}


def _declared(schema: Schema) -> Iterator[Node]:
    """What the files that were asked for declare by name, annotations left out."""
    for node in schema.nodes.values():
        group = isinstance(node.body, Struct) and (node.body.group or node.inline)
        if node.file in schema.roots and not group and not isinstance(node.body, File | Annotation):
            yield node


def _name(schema: Schema, node: Node) -> tuple[int, str]:
    return schema.roots.index(node.file), node.name
