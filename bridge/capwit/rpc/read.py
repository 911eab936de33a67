"""From pycapnp's readers to Python values: functions made once for each type.

A function takes a reader and a `Crossing`, which takes in the capabilities that the value holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from capwit.bridge.arena import MOST_NODES, Index
from capwit.bridge.binding import ANY_VALUE
from capwit.bridge.errors import ConversionError
from capwit.engine.emit import Source
from capwit.engine.types import Borrow, Enum, List, Option, Own, Param, Prim, Record, String, Type, Variant

from . import shape
from .anyvalue import read_any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .names import Member
    from .schema import Schemas

Read: TypeAlias = "Callable[[Any, Any], Any]"


def reader(schemas: Schemas, type: Type, struct: Any) -> Read:
    """Return what reads a struct as a record or variant: `read(reader, crossing) -> value`."""
    known = schemas.memo.setdefault(("read", id(type)), [])
    for made_of, function in known:
        if made_of == struct:
            found: Read = function
            return found
    function = _Struct(schemas, type, struct).compile()
    known.append((struct, function))
    return function


def arguments_reader(schemas: Schemas, params: Sequence[Param], struct: Any) -> Read:
    """Return what reads a call's parameters: `read(reader, crossing) -> arguments`."""
    if struct.node.scopeId:  # a struct that the schema names is one parameter
        if not params:
            return lambda reader, crossing: ()
        inner = reader(schemas, params[0].type, struct)
        return lambda reader, crossing: (inner(reader, crossing),)
    writing = _Struct(schemas, Record(()), struct)
    values = [writing.field(each.type, writing.members.plain[each.label]) for each in params]
    return writing.function([f"return ({''.join(f'{value}, ' for value in values)})"])


def result_reader(schemas: Schemas, result: Type, struct: Any) -> Read:
    """Return what reads a call's results: `read(reader, crossing) -> result`."""
    writing = _Struct(schemas, result, struct)
    if struct.node.scopeId or len(writing.members.lasting) != 1:
        return reader(schemas, result, struct)
    return writing.function([f"return {writing.field(result, writing.members.lasting[0])}"])


class _Struct:
    """One function being written, with those for what is inside the same struct."""

    def __init__(self, schemas: Schemas, type: Type, struct: Any) -> None:
        self.schemas = schemas
        self.type = type
        self.struct = struct
        self.members = shape.members_of(schemas, struct)
        self.source = Source(
            f"read {getattr(type, 'name', '')}",
            read_any=read_any,
            no_capability=no_capability,
        )

    def compile(self) -> Read:
        match self.type:
            case Record(spread=spread) if spread is not None:
                return _arena_reader(self.schemas, self.type, self.struct)
            case Record(fields, make):
                name = self.record(fields, make)
            case Variant():
                name = self.variant(self.type)
            case _:
                raise shape.unmapped(self.type)
        function: Read = self.source.compile()[name]
        return function

    def function(self, body: list[str]) -> Read:
        """Return one function, which is all that there is to write."""
        name = self.source.function("convert", "r, x", body)
        function: Read = self.source.compile()[name]
        return function

    def record(self, fields: Sequence[Any], make: Any) -> str:
        values = []
        for field in fields:
            if field.label in self.members.plain:
                values.append(self.field(field.type, self.members.plain[field.label]))
            else:  # `which`: the struct's own union
                values.append(f"{self.variant(field.type)}(r, x)")
        made = self.source.constant("Make", make)
        body = [f"return {made}(", *(f"    {value}," for value in values), ")"]
        return self.source.function(self.source.fresh("read"), "r, x", body)

    def variant(self, variant: Type) -> str:
        assert isinstance(variant, Variant)
        which = self.source.constant("WHICH", shape.which_of(self.struct))
        body = [f"number = r._get_by_field({which})"]
        unknown = None
        for case in variant.cases:
            member = self.members.union.get(case.label)
            made = self.source.constant("Case", case.make)
            if member is None:
                unknown = made
                continue
            payload = self.field(case.type, member) if case.type else ""
            body += [f"if number == {member.discriminant}:", f"    return {made}({payload})"]
        if unknown:
            body.append(f"return {unknown}(number)")
        else:
            fail = self.source.constant("unknown_member", _unknown(f"member of {variant.name}"))
            body.append(f"return {fail}(number)")
        return self.source.function(self.source.fresh("read_union"), "r, x", body)

    def field(self, type: Type, member: Member) -> str:
        """The expression that reads a field of `r`."""
        field = self.struct.fields[member.name]
        constant = self.source.constant("F", field)
        value = f"r._get_by_field({constant})"
        schema = shape.schema_of(field)
        match type:
            case Option(Own(resource) | Borrow(resource)):
                make = self.source.constant("Client", resource.make)
                return f"x.take({value}, {make}) if r._has_by_field({constant}) else None"
            case Option(Index(case=case)):
                return f"x.refer({case!r}, {value}) if r._has_by_field({constant}) else None"
            case Own(resource):
                make = self.source.constant("Client", resource.make)
                missing = f"no_capability({member.name!r})"
                return f"x.take({value}, {make}) if r._has_by_field({constant}) else {missing}"
            case Borrow(resource):
                make = self.source.constant("Client", resource.make)
                missing = f"no_capability({member.name!r})"
                return f"x.borrow({value}, {make}) if r._has_by_field({constant}) else {missing}"
            case _ if type is ANY_VALUE:
                return f"read_any({value} if r._has_by_field({constant}) else None, x)"
            case _:
                return self.value(type, schema, value)

    def value(self, type: Type, schema: Any, value: str) -> str:
        """The expression that makes a Python value of one of pycapnp's, which `value` yields."""
        match type:
            case Index(case=case):  # before all others: it is a `Prim`, too
                return f"x.refer({case!r}, {value})"
            case Prim() if shape.is_list(schema):  # a list of nothing is its length
                return f"len({value})"
            case Prim() | String() | List(Prim("u8")):
                return value
            case Enum(make=make):
                return f"{self.enum(type, make)}[{value}]"
            case Variant(cases) if schema is None:  # an open enum
                return f"{self.open_enum(type, cases)}[{value}]"
            case List(element):
                return self.list(element, shape.element_of(schema), value)
            case _ if type is ANY_VALUE:  # as an element of a list
                return f"read_any({value}._get('value') if {value}._has('value') else None, x)"
            case Record() | Variant():
                inner = self.source.constant("read", reader(self.schemas, type, schema))
                return f"{inner}({value}, x)"
            case _:
                raise shape.unmapped(type)

    def list(self, element: Type, schema: Any, value: str) -> str:
        counted = f"x.count({value}, {shape.weight(element)})"
        match element:
            case Prim() | String() | List(Prim("u8")) if schema is None and not isinstance(element, Index):
                return f"list({counted})"
            case Own(resource):
                make = self.source.constant("Client", resource.make)
                return f"x.take_list({counted}, {make})"
            case _:
                item = self.source.fresh("item")
                return f"[{self.value(element, schema, item)} for {item} in {counted}]"

    def enum(self, type: Enum, make: Any) -> str:
        numbers = shape.numbers_of(self.schemas, type)
        table = _Members(type.name, {number: make(label) for label, number in numbers.items()})
        return self.source.constant("Members", table)

    def open_enum(self, type: Variant, cases: Any) -> str:
        numbers = shape.numbers_of(self.schemas, type)
        made = {numbers[case.label]: case.make() for case in cases if case.label in numbers}
        return self.source.constant("Members", _OpenMembers(made, cases[-1].make))


class _Members(dict[int, Any]):
    """An enum's members by their numbers."""

    def __init__(self, name: str, members: dict[int, Any]) -> None:
        super().__init__(members)
        self.name = name

    def __missing__(self, number: int) -> Any:
        _unknown(f"enumerant of {self.name}")(number)


class _OpenMembers(dict[int, Any]):
    """An open enum's members by their numbers; others are made."""

    def __init__(self, members: dict[int, Any], unknown: Any) -> None:
        super().__init__(members)
        self.unknown = unknown

    def __missing__(self, number: int) -> Any:
        return self.unknown(number)


def _unknown(what: str) -> Callable[[int], Any]:
    def fail(number: int) -> Any:
        raise ConversionError(
            f"number {number} is no {what} that the schema names. "
            "Mend: generate from the newer schema, or mark it with $Wit.open"
        )

    return fail


def no_capability(name: str) -> Any:
    """Refuse a null where there must be a capability."""
    raise ConversionError(f"{name}: expected a capability, got null")


class _Nodes:
    """A crossing that also gathers the nodes of one arena."""

    __slots__ = ("_crossing", "waiting")

    def __init__(self, crossing: Any, root: tuple[str, Any]) -> None:
        self._crossing = crossing
        self.waiting = [root]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crossing, name)

    def refer(self, case: str, reader: Any) -> int:
        self.waiting.append((case, reader))
        return len(self.waiting) - 1


def _arena_reader(schemas: Schemas, arena: Record, struct: Any) -> Read:
    """What reads a struct that contains itself: node by node, however deep."""
    types, root = shape.nodes_of(arena)
    weights = {case: shape.weight(type) for case, type in types.items()}
    make = arena.make
    assert make is not None

    def read(reader_: Any, crossing: Any) -> Any:
        gathered = _Nodes(crossing, (root, reader_))
        nodes: list[Any] = []
        for case, at in gathered.waiting:
            if len(gathered.waiting) > MOST_NODES:
                raise ConversionError(f"a {arena.name} of more than {MOST_NODES} parts")
            crossing.count((at,), weights[case])
            # A generic's schema depends on how it is referred to, also where its type does not.
            node = reader(schemas, types[case], at.schema)(at, gathered)
            nodes.append((case, node) if root else node)
        return make(nodes)

    return read
