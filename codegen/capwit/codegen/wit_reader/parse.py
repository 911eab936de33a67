"""One WIT text -> what it says. The grammar is `wit.lark`; lark's LALR parser and this pass are iterative."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from capwit.codegen.base.names import WIT_KEYWORDS
from capwit.codegen.errors import GenerateError
from capwit.codegen.wit_reader.comments import Lines, prepare
from capwit.codegen.wit_reader.grammar import parser, unexpected
from capwit.codegen.wit_reader.syntax import (
    Alias,
    Case,
    Enum,
    Extern,
    Field,
    File,
    Flags,
    Function,
    FutureOf,
    Gate,
    Handle,
    Head,
    Include,
    Interface,
    Item,
    ListOf,
    MapOf,
    Name,
    Named,
    OptionOf,
    Package,
    PackageName,
    Path,
    Primitive,
    Record,
    Renamed,
    Resource,
    ResultOf,
    StreamOf,
    TopUse,
    TupleOf,
    Type,
    Use,
    Variant,
    World,
)
from lark import Token, UnexpectedInput
from lark.exceptions import VisitError
from lark.visitors import Transformer_NonRecursive, v_args

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.codegen.errors import Location

MAX_FLAGS: Final = 32

_LABEL: Final = re.compile(r"([a-z][a-z0-9]*|[A-Z][A-Z0-9]*)(-([a-z0-9]+|[A-Z0-9]+))*")
_PLAIN: Final = r"(0|[1-9][0-9]*)"
_PRE: Final = rf"({_PLAIN}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION: Final = re.compile(
    rf"(?P<major>{_PLAIN})\.(?P<minor>{_PLAIN})\.(?P<patch>{_PLAIN})(-{_PRE}(\.{_PRE})*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
)
_KEYS: Final = frozenset(["bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "char", "string"])
_FIELDS: Final = {"since": "version", "deprecated": "version", "unstable": "feature"}
_NUMBER: Final = 1 << 32
_DIGITS: Final = 19


def parse(text: str, file: str) -> File:
    """Parses the text of a file. Raises `GenerateError` with the place of what is not WIT."""
    prepared = prepare(text, file)
    lines = Lines(prepared.blanked, file)
    try:
        tree = parser().parse(prepared.blanked)
        read: File = _Builder(lines, prepared.docs).transform(tree)
    except UnexpectedInput as error:
        raise unexpected(error, lines, len(prepared.blanked)) from None
    except VisitError as error:
        raise error.orig_exc from None
    return read


_Tokens: TypeAlias = tuple[Any, ...]


class _Header(NamedTuple):
    """What a file begins with: the name of its package, if it tells it."""

    name: PackageName | None
    doc: str
    place: Location


@v_args(inline=True)
class _Builder(Transformer_NonRecursive[Token, Any]):
    """Makes data of lark's tree, innermost first. A method is named after the rule that it reads."""

    def __init__(self, lines: Lines, docs: Any) -> None:
        super().__init__()
        self.lines = lines
        self.docs = docs

    # Names and places

    def place(self, token: Token) -> Location:
        return self.lines.place(token.start_pos or 0)

    def error(self, place: Location, message: str, mend: str, name: str = "") -> GenerateError:
        return GenerateError(*place, name, message, mend)

    def name(self, token: Token) -> Name:
        place, text = self.place(token), token.removeprefix("%")
        if not _LABEL.fullmatch(text):
            mend = "write it in kebab-case: words of letters and digits, with a single `-` between them"
            raise self.error(place, f"`{token:.60}` is not a name in WIT", mend)
        if text in WIT_KEYWORDS and not token.startswith("%"):
            raise self.error(place, f"`{text}` is a keyword", f"write it `%{text}`")
        return Name(str(text), place)

    def version(self, token: Token) -> str:
        found = _VERSION.fullmatch(token)
        numbers = found.group("major", "minor", "patch") if found else ()
        if not numbers or any(len(number) > _DIGITS for number in numbers):
            message = f"`{token:.60}` is not a version"
            raise self.error(self.place(token), message, "write it as semver has it: 1.2.0, 1.0.0-rc.1")
        return str(token)

    def package_name(self, namespace: Name, name: Name, version: Token | None = None) -> Any:
        return PackageName(
            namespace.text, name.text, self.version(version) if version else ""
        ), namespace.place

    def local_path(self, name: Name) -> Path:
        return Path(None, name)

    def foreign_path(self, namespace: Name, package: Name, name: Name, version: Token | None = None) -> Path:
        given = self.version(version) if version else ""
        return Path(PackageName(namespace.text, package.text, given), name)

    # Gates

    def version_gate(self, kind: Name, field: Name, version: Token) -> Gate:
        return self.gate(kind, field, self.version(version))

    def feature_gate(self, kind: Name, field: Name, feature: Name) -> Gate:
        return self.gate(kind, field, feature.text)

    def gate(self, kind: Name, field: Name, value: str) -> Gate:
        match kind.text:
            case "since" | "deprecated" | "unstable" as known:
                if field.text != _FIELDS[known] or (known != "unstable") != ("." in value):
                    raise self.error(
                        field.place, f"@{known} takes no such thing", f"give it a {_FIELDS[known]}"
                    )
                return Gate(known, value, kind.place)
            case _:
                mend = "a gate is @since, @unstable or @deprecated"
                raise self.error(kind.place, f"there is no gate `@{kind.text}`", mend)

    def external_id(self, kind: Name, _: Token) -> Gate:
        message = f"`@{kind.text}` with a text is not known to WIT 0.2"
        raise self.error(kind.place, message, "take it out")

    def gates(self, given: _Tokens) -> tuple[tuple[Gate, ...], _Tokens]:
        """The gates that a rule's children begin with, checked, and the other children."""
        gates = tuple(each for each in given if isinstance(each, Gate))
        kinds: set[str] = set()
        for gate in gates:
            if gate.kind in kinds:
                raise self.error(gate.place, f"@{gate.kind} stands here twice", "keep one of them")
            kinds.add(gate.kind)
        if gates and len(kinds & {"since", "unstable"}) != 1:
            message = "a gate is @since or @unstable, and not both; @deprecated goes with either"
            raise self.error(gates[0].place, message, "keep one of @since and @unstable, or write one")
        return gates, given[len(gates) :]

    def begun(self, given: _Tokens) -> tuple[Head, _Tokens]:
        """The head of a declaration, and what follows its name."""
        gates, rest = self.gates(given)
        first = gates[0].place if gates else None
        if isinstance(rest[0], Token):
            first, rest = first or self.place(rest[0]), rest[1:]
        name: Name = rest[0]
        return Head(name, self.doc(first or name.place), gates), rest[1:]

    def doc(self, place: Location) -> str:
        """What is documented at a place, which an `@`, a `%` or a keyword may begin."""
        index = self.lines.starts[place.line - 1] + place.column - 1
        return str(self.docs.get(index) or self.docs.get(index - 1) or "")

    # Types

    def primitive(self, token: Token) -> Type:
        return Primitive(str(token))

    def list_of(self, element: Type) -> Type:
        return ListOf(element)

    def fixed_list(self, element: Type, length: Token) -> Type:
        if len(length) > 10 or int(length) >= _NUMBER:
            raise self.error(self.place(length), "the list is too long", "make it a list of any length")
        return ListOf(element, int(length))

    def map_of(self, token: Token, key: Type, value: Type) -> Type:
        if not isinstance(key, Primitive) or key.name not in _KEYS:
            message = "the keys of a map are integers, chars, bools or strings"
            raise self.error(self.place(token), message, "make it a list of pairs")
        return MapOf(key, value)

    def option_of(self, some: Type) -> Type:
        return OptionOf(some)

    def result_of(self, ok: Type | None = None, error: Type | None = None) -> Type:
        return ResultOf(ok, error)

    def result_error(self, error: Type) -> Type:
        return ResultOf(None, error)

    def tuple_of(self, token: Token, *items: Type) -> Type:
        if not items:
            raise self.error(self.place(token), "the tuple is empty", "take it out")
        return TupleOf(items)

    def future_of(self, value: Type | None = None) -> Type:
        return FutureOf(value)

    def stream_of(self, element: Type | None = None) -> Type:
        return StreamOf(element)

    def own_of(self, name: Name) -> Type:
        return Handle(name, borrowed=False)

    def borrow_of(self, name: Name) -> Type:
        return Handle(name, borrowed=True)

    def named(self, name: Name) -> Type:
        return Named(name)

    # Definitions

    def field(self, name: Name, type: Type) -> Field:
        return Field(name, type, self.doc(name.place))

    def case(self, name: Name, type: Type | None = None) -> Case:
        return Case(name, type, self.doc(name.place))

    def enumerant(self, name: Name) -> Case:
        return Case(name, None, self.doc(name.place))

    def record(self, *given: Any) -> Record:
        head, fields = self.begun(given)
        return Record(head, fields)

    def variant(self, *given: Any) -> Variant:
        return Variant(*self.listed(given, "variant"))

    def enum(self, *given: Any) -> Enum:
        return Enum(*self.listed(given, "enum"))

    def flags(self, *given: Any) -> Flags:
        head, flags = self.listed(given, "flags type")
        if len(flags) > MAX_FLAGS:
            message = f"there are more than {MAX_FLAGS} flags"
            raise self.error(head.name.place, message, "part them", head.label)
        return Flags(head, flags)

    def listed(self, given: _Tokens, what: str) -> tuple[Head, tuple[Case, ...]]:
        head, cases = self.begun(given)
        if not cases:
            raise self.error(head.name.place, f"the {what} is empty", "give it a case", head.label)
        return head, cases

    def alias(self, *given: Any) -> Alias:
        head, (type,) = self.begun(given)
        return Alias(head, type)

    def resource(self, *given: Any) -> Resource:
        head, functions = self.begun(given)
        owned = [replace(each, kind="method") if each.kind == "free" else each for each in functions]
        return Resource(head, tuple(owned))

    # Functions

    def params(self, *fields: Field) -> tuple[Field, ...]:
        return tuple(replace(field, doc="") for field in fields)

    def func(self, *given: Any) -> Callable[[Head], Function]:
        tokens = [each.type for each in given if isinstance(each, Token)]
        params, *result = (each for each in given if not isinstance(each, Token))
        made = partial(Function, kind="free", params=params, result=result[0] if result else None)
        return partial(made, is_async="ASYNC" in tokens)

    def function(self, *given: Any) -> Function:
        head, (made,) = self.begun(given)
        whole: Function = made(head)
        return whole

    def static(self, *given: Any) -> Function:
        head, (_, made) = self.begun(given)
        whole: Function = made(head)
        return replace(whole, kind="static")

    def constructor(self, *given: Any) -> Function:
        gates, (token, params, *result) = self.gates(given)
        place = self.place(token)
        head = Head(Name("constructor", place), self.doc(gates[0].place if gates else place), gates)
        return Function(head, "constructor", params, result[0] if result else None)

    # Interfaces, worlds and files

    def renamed(self, name: Name, other: Name) -> Renamed:
        return Renamed(name, other)

    def used(self, name: Name, other: Name | None = None) -> Renamed:
        return Renamed(name, other or name)

    def use(self, *given: Any) -> Use:
        gates, (_, path, *names) = self.gates(given)
        return Use(path, tuple(names), gates)

    def top_use(self, *given: Any) -> TopUse:
        gates, (_, path, *name) = self.gates(given)
        if gates:
            raise self.error(gates[0].place, "a use of a file has no gates", "take it out")
        return TopUse(path, name[0] if name else path.name)

    def interface(self, *given: Any) -> Interface:
        return Interface(*self.begun(given))

    def world(self, *given: Any) -> World:
        return World(*self.begun(given))

    def include(self, *given: Any) -> Include:
        gates, (_, path, *names) = self.gates(given)
        return Include(path, tuple(names), gates)

    def extern_function(self, name: Name, made: Callable[[Head], Function]) -> Any:
        return name, made, True

    def extern_interface(self, name: Name, _: Token, *members: Any) -> Any:
        return name, lambda head: Interface(head, members), True

    def extern_path(self, path: Path) -> Any:
        return path.name, lambda _: path, False

    def extern_named(self, name: Name, path: Path) -> Any:
        return name, lambda _: path, True

    def import_(self, *given: Any) -> Extern:
        return self.extern(given, exported=False)

    def export(self, *given: Any) -> Extern:
        return self.extern(given, exported=True)

    def extern(self, given: _Tokens, exported: bool) -> Extern:
        gates, (token, (name, made, named)) = self.gates(given)
        head = Head(name, self.doc(gates[0].place if gates else self.place(token)), gates)
        return Extern(exported, head, made(head), named)

    def header(self, token: Token, name: Any) -> _Header:
        return _Header(name[0], self.doc(self.place(token)), name[1])

    def nested(self, token: Token, name: Any, *items: Item) -> Package:
        return Package(name[0], self.doc(self.place(token)), name[1], items)

    def start(self, *given: Any) -> File:
        header = (
            given[0] if given and isinstance(given[0], _Header) else _Header(None, "", self.lines.place(0))
        )
        items = tuple(each for each in given if isinstance(each, Interface | World | TopUse))
        nested = tuple(each for each in given if isinstance(each, Package))
        return File(header.name, header.doc, header.place, items, nested)
