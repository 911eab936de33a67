"""From Python values to pycapnp's builders: functions made once for each type.

A function takes a builder, the value and a `Crossing`, which gives out the capabilities that the value
holds. A value that does not fit its type raises one of `MISFITS`; why, `fault` tells.
"""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import capnp
from capwit.bridge.arena import Index
from capwit.bridge.binding import ANY_VALUE
from capwit.bridge.errors import ConversionError
from capwit.engine.emit import Source
from capwit.engine.fault import find_fault
from capwit.engine.types import Borrow, Enum, List, Option, Own, Param, Prim, Record, String, Type, Variant

from . import shape
from .anyvalue import write_any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .names import Member
    from .schema import Schemas

Write: TypeAlias = "Callable[[Any, Any, Any], None]"

MISFITS: Final = (capnp.KjException, TypeError, ValueError, AttributeError, KeyError, OverflowError)
_FLOATS: Final = ("f32", "f64")


def writer(schemas: Schemas, type: Type, struct: Any) -> Write:
    """Return what writes a record or variant into a struct: `write(builder, value, crossing)`."""
    known = schemas.memo.setdefault(("write", id(type)), [])
    for made_of, function in known:
        if made_of == struct:
            found: Write = function
            return found
    function = _Struct(schemas, type, struct).compile()
    known.append((struct, function))
    return function


def arguments_writer(schemas: Schemas, params: Sequence[Param], struct: Any) -> Write:
    """Return what writes a call's parameters: `write(builder, arguments, crossing)`."""
    if struct.node.scopeId:  # a struct that the schema names is one parameter
        if not params:
            return lambda builder, arguments, crossing: None
        inner = writer(schemas, params[0].type, struct)
        return lambda builder, arguments, crossing: inner(builder, arguments[0], crossing)
    writing = _Struct(schemas, Record(()), struct)
    lines = [
        writing.field(each.type, writing.members.plain[each.label], f"v[{number}]")
        for number, each in enumerate(params)
    ]
    return writing.function([line for each in lines for line in each] or ["pass"])


def result_writer(schemas: Schemas, result: Type, struct: Any) -> Write:
    """Return what writes a call's results: `write(builder, result, crossing)`."""
    writing = _Struct(schemas, result, struct)
    if struct.node.scopeId or len(writing.members.lasting) != 1:
        return writer(schemas, result, struct)
    return writing.function(writing.field(result, writing.members.lasting[0], "v"))


def fault(type: Type, value: Any, path: str, error: BaseException) -> ConversionError:
    """Return why a value does not fit its type."""
    if isinstance(error, ConversionError):
        return error
    found = find_fault(type, value, path)
    if found is None:
        found = f"{path}: {shape.told(error) if isinstance(error, capnp.KjException) else error}"
    return ConversionError(found)


class _Struct:
    """One function being written, with those for what is inside the same struct."""

    def __init__(self, schemas: Schemas, type: Type, struct: Any) -> None:
        self.schemas = schemas
        self.type = type
        self.struct = struct
        self.members = shape.members_of(schemas, struct)
        self.source = Source(
            f"write {getattr(type, 'name', '')}",
            text=text,
            whole=whole,
            real=real,
            data=data,
            room=room,
            write_any=write_any,
        )

    def compile(self) -> Write:
        match self.type:
            case Record(spread=spread) if spread is not None:
                return _arena_writer(self.schemas, self.type, self.struct)
            case Record(fields):
                name = self.record(fields)
            case Variant():
                name = self.variant(self.type)
            case _:
                raise shape.unmapped(self.type)
        function: Write = self.source.compile()[name]
        return function

    def function(self, body: list[str]) -> Write:
        """Return one function, which is all that there is to write."""
        name = self.source.function("convert", "b, v, x", body)
        function: Write = self.source.compile()[name]
        return function

    def record(self, fields: Iterable[Any]) -> str:
        body: list[str] = []
        for field in fields:
            value = f"v.{field.attribute}"
            if field.label in self.members.plain:
                body += self.field(field.type, self.members.plain[field.label], value)
            else:  # `which`: the struct's own union
                body.append(f"{self.variant(field.type)}(b, {value}, x)")
        return self.source.function(self.source.fresh("write"), "b, v, x", body)

    def variant(self, variant: Type) -> str:
        assert isinstance(variant, Variant)
        which = self.source.constant("WHICH", shape.which_of(self.struct))
        body = ["case = v.__class__"]
        for case in variant.cases:
            member = self.members.union.get(case.label)
            body.append(f"if case is {self.source.constant('Case', case.make)}:")
            if member is None:  # one that the schema does not name
                lines = [f"b._set_by_field({which}, whole(v.value))"]
            else:
                lines = [f"b._set_by_field({which}, {member.discriminant})"]
                lines += self.field(case.type, member, "v.value") if case.type else []
            body += [f"    {line}" for line in (*lines, "return")]
        body.append("raise TypeError(case)")
        return self.source.function(self.source.fresh("write_union"), "b, v, x", body)

    def field(self, type: Type, member: Member, value: str) -> list[str]:
        """The statements that write a field of `b`."""
        field = self.struct.fields[member.name]
        constant = self.source.constant("F", field)
        schema = shape.schema_of(field)
        match type:
            case Option(Own() | Borrow() as some):
                given = self.source.fresh("given")
                return [
                    f"{given} = {value}",
                    f"if {given} is not None:",
                    f"    b._set_by_field({constant}, {self.capability(some, schema, given)})",
                ]
            case Own() | Borrow():
                return [f"b._set_by_field({constant}, {self.capability(type, schema, value)})"]
            case Option(Index(case=case)):
                given = self.source.fresh("given")
                return [
                    f"{given} = {value}",
                    f"if {given} is not None:",
                    f"    x.place({case!r}, {given}, b._init_by_field({constant}))",
                ]
            case Prim() if shape.is_list(schema):  # a list of nothing is its length
                words = shape.words_of(shape.element_of(schema))
                return [f"b._init_by_field({constant}, room({value}, {words}))"]
            case List(element) if schema is not None and not self.is_plain(element, schema):
                made = self.source.fresh("list")
                items = self.source.fresh("items")
                return [
                    f"{items} = {value}",
                    f"{made} = b._init_by_field({constant}, len({items}))",
                    *self.items(element, shape.element_of(schema), made, items),
                ]
            case _ if type is ANY_VALUE:
                return [f"write_any(b, {member.name!r}, {value}, x)"]
            case Record() | Variant() if schema is not None:
                inner = self.source.constant("write", writer(self.schemas, type, schema))
                return [f"{inner}(b._init_by_field({constant}), {value}, x)"]
            case _:
                return [f"b._set_by_field({constant}, {self.plain(type, value)})"]

    def is_plain(self, element: Type, schema: Any) -> bool:
        """Whether pycapnp can write a list of such elements as a whole."""
        match element:
            case Own() | Index():
                return False
            case Record() | Variant() | List() | Prim():
                return shape.element_of(schema) is None
            case _:
                return True

    def items(self, element: Type, schema: Any, made: str, items: str) -> list[str]:
        """The statements that write the elements of a list."""
        at, item = self.source.fresh("at"), self.source.fresh("item")
        each = f"for {at}, {item} in enumerate({items}):"
        match element:
            case Own():
                return [each, f"    {made}._set({at}, {self.capability(element, schema, item)})"]
            case Index(case=case):
                return [each, f"    x.place({case!r}, {item}, {made}._get({at}))"]
            case Prim():  # a list of nothing is its length
                words = shape.words_of(shape.element_of(schema))
                return [each, f"    {made}.init({at}, room({item}, {words}))"]
            case List(inner) if not self.is_plain(inner, schema):
                below = self.source.fresh("list")
                lines = self.items(inner, shape.element_of(schema), below, item)
                return [each, f"    {below} = {made}.init({at}, len({item}))", *(f"    {x}" for x in lines)]
            case List():
                return [each, f"    {made}._set({at}, {self.plain(element, item)})"]
            case _ if element is ANY_VALUE:
                return [each, f"    write_any({made}._get({at}), 'value', {item}, x)"]
            case Record() | Variant():
                inner_writer = self.source.constant("write", writer(self.schemas, element, schema))
                return [each, f"    {inner_writer}({made}._get({at}), {item}, x)"]
            case _:
                raise shape.unmapped(element)

    def plain(self, type: Type, value: str) -> str:
        """The expression that makes one of pycapnp's values of a Python value."""
        match type:
            case Prim("bool"):
                return value
            case Prim(name) if name in _FLOATS:
                return f"(n if (n := {value}).__class__ is float else real(n))"
            case Prim():
                return f"(n if (n := {value}).__class__ is int else whole(n))"
            case String():
                return f"(s if (s := {value}).__class__ is str else text(s))"
            case List(Prim("u8")):
                return f"(d if (d := {value}).__class__ is bytes else data(d))"
            case Enum(make=make):
                numbers = shape.numbers_of(self.schemas, type)
                assert make is not None
                members = {make(label): number for label, number in numbers.items()}
                return f"{self.source.constant('numbers', members)}[{value}]"
            case Variant(cases):  # an open enum
                numbers = shape.numbers_of(self.schemas, type)
                classes = {case.make: numbers[case.label] for case in cases if case.label in numbers}
                table = self.source.constant("numbers", classes)
                item = self.source.fresh("v")
                return (
                    f"(whole({item}.value) if ({item} := {value}).__class__ is "
                    f"{self.source.constant('Unknown', cases[-1].make)} else {table}[{item}.__class__])"
                )
            case List(Prim("bool")):
                return f"list({value})"
            case List(element):
                item = self.source.fresh("item")
                return f"[{self.plain(element, item)} for {item} in {value}]"
            case _:
                raise shape.unmapped(type)

    def capability(self, type: Own | Borrow, schema: Any, value: str) -> str:
        interface = self.source.constant("Interface", schema)
        make = self.source.constant("Client", type.resource.make)
        return f"x.{'give' if isinstance(type, Own) else 'lend'}({value}, {make}, {interface})"


def text(value: Any) -> str:
    """Return a str of a class of its own as it is; refuse anything else."""
    if not isinstance(value, str):
        raise TypeError("expected str")
    return str(value)


def whole(value: Any) -> int:
    """Return a number of a class of its own as an int; refuse a bool and anything else."""
    if isinstance(value, bool):
        raise TypeError("expected int, got bool")
    return index(value)


def real(value: Any) -> float:
    """Return a number as a float."""
    if isinstance(value, bool | str):
        raise TypeError(f"expected float, got {type(value).__name__}")
    return float(value)


def data(value: Any) -> bytes:
    """Return what is like bytes as bytes; refuse anything else."""
    if not isinstance(value, bytes | bytearray | memoryview):
        raise TypeError("expected bytes")
    return bytes(value)


def room(length: Any, words: int) -> int:
    """Return the length of a list of nothing, unless it would take too much room."""
    if not 0 <= whole(length) <= shape.MOST_NUMBERS // max(words, 1):
        raise ConversionError(f"a list of {length} elements is more than can be sent")
    return whole(length)


class _Nodes:
    """A crossing that also knows where each node of one arena is to be written."""

    __slots__ = ("_crossing", "places")

    def __init__(self, crossing: Any, root: tuple[str, Any]) -> None:
        self._crossing = crossing
        self.places: dict[int, tuple[str, Any]] = {0: root}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crossing, name)

    def place(self, case: str, index: int, builder: Any) -> None:
        self.places[index] = case, builder


def _arena_writer(schemas: Schemas, arena: Record, struct: Any) -> Write:
    """What writes a struct that contains itself: node by node, however deep."""
    types, root = shape.nodes_of(arena)
    spread = arena.spread
    assert spread is not None

    def write(builder: Any, value: Any, crossing: Any) -> None:
        nodes: Sequence[Any] = spread(value).nodes
        crossing = _Nodes(crossing, (root, builder))
        for number, node in enumerate(nodes):  # one that is referred to stands behind the one that does
            case, place = crossing.places.pop(number)
            # A generic's schema depends on how it is referred to, also where its type does not.
            writer(schemas, types[case], place.schema)(place, node[1] if root else node, crossing)

    return write
