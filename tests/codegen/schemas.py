"""Random Cap'n Proto schemas, over all that the generator maps: text that `capnp` takes.

First all declarations are drawn, then what they hold, so that anything may refer to anything: structs
contain each other, files import each other in loops. Names are hostile (keywords of WIT and of Python,
acronyms, digits) and mostly do not fall together. What is mapped but may be refused (two names that fall
together, something skipped that is used) is rare.

The world `app` is that of a component that gives back what it is given (`tests.support.echo`): it exports
`Laws`, whose methods `echo<n>` and `relay<n>` take and give a list of some type, and is granted `Relay`,
which has the methods `echo<n>`.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hypothesis import assume
from hypothesis import strategies as st

from tests.codegen import schema_text
from tests.codegen.schema_text import Block, Declaration, File, Method, Scope, Slot, declared
from tests.codegen.schema_words import (
    DOC,
    GENERICS,
    INTEGERS,
    LABELS,
    MEMBERS,
    SCALARS,
    SNIPPETS,
    TYPES,
    UNTOLD,
    VALUES,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

FIRST_ID: Final = 0xA8D1C0FFEE000000

# -- Types as a schema uses them --


@dataclass(frozen=True)
class Builtin:
    text: str


@dataclass(frozen=True)
class ListOf:
    element: Type

    @property
    def text(self) -> str:
        return f"List({self.element.text})"


@dataclass(frozen=True)
class Use:
    text: str
    target: Declaration = field(compare=False)


@dataclass(frozen=True)
class Parameter:
    text: str


Type: TypeAlias = Builtin | ListOf | Use | Parameter


class Schema:
    """A schema: its files, the first of which is the one to generate."""

    def __init__(self, files: list[File]) -> None:
        self.files = files

    @property
    def stem(self) -> str:
        """The name of its first file, without `.capnp`."""
        return self.files[0].name

    def texts(self) -> dict[str, str]:
        """The text of each file, by its name."""
        return {f"{file.name}.capnp": schema_text.text(file) for file in self.files}

    def write(self, folder: Path) -> Path:
        """Writes all files, and answers the path of the first."""
        for name, text in self.texts().items():
            (folder / name).write_text(text, "utf-8")
        return folder / f"{self.files[0].name}.capnp"

    def __repr__(self) -> str:
        """What a test that fails shows: the files."""
        return "\n".join(f"--- {name}\n{text}" for name, text in self.texts().items())


_NUMBERS: Final = count()


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    """Schemas, each with names and ids that no other of this process has."""
    return _Writer(draw, next(_NUMBERS)).schema()


class _Writer:
    def __init__(self, draw: st.DrawFn, number: int) -> None:
        self.draw: Callable[..., Any] = draw
        self.stem = f"s{number}"
        self.first_id = FIRST_ID + 16 * number
        self.renamed = 0
        self.files: list[File] = []
        self.all: list[Declaration] = []
        self.named: dict[int, set[str]] = {}

    # -- Choices --

    def chance(self, percent: int) -> bool:
        return bool(self.draw(st.integers(0, 99)) >= 100 - percent)

    def number(self, least: int, most: int) -> int:
        return int(self.draw(st.integers(least, most)))

    def one_of(self, choices: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(choices))

    def doc(self, percent: int = 20) -> str:
        if not self.chance(percent):
            return ""
        lines = [self.one_of(SNIPPETS) if self.chance(50) else self.draw(DOC)]
        lines += [self.draw(DOC)] if self.chance(30) else []
        return "\n".join(line.replace("\n", "") for line in lines)

    def name(self, taken: set[str], pool: Sequence[str]) -> str:
        """A name that mostly is no other's: names fall together without case and hyphens."""
        name = str(self.one_of(pool))
        if name.lower() in taken:
            self.renamed += 1
            name = f"{name}{self.renamed}"
        elif self.chance(1):
            name = f"{name[:1]}{name[1:].upper()}"  # falls together with another one, at times
        taken.add(name.lower())
        return name

    def label(self, percent: int = 4) -> str:
        """An annotation that names something."""
        if not self.chance(percent):
            return ""
        self.renamed += 1
        return f' $Wit.name("{self.one_of(LABELS)}-{self.renamed}")'

    # -- Declarations --

    def schema(self) -> Schema:
        loops = self.chance(25)
        count = self.number(1, 3)
        shared = self.chance(20)
        for index in range(count):
            name = f"{self.stem}{chr(ord('a') + index)}" if index else self.stem
            file = File(name, self.first_id + index, doc=self.doc())
            if not loops or not index:
                version = "0.1.0" if shared or self.chance(50) else "1.2.3"
                file.package = f"laws:{self.stem}-shared@{version}" if shared else f"laws:{name}@{version}"
                file.package = "" if self.chance(10) and not shared else file.package
            self.files.append(file)
        taken = {"laws", "relay", "lawsgrants"}
        for index, file in enumerate(self.files):
            others = [each for each in self.files[0 if loops else index + 1 :] if each is not file]
            file.imports = [each for each in others if self.chance(70)]
            taken = taken if loops else {"laws", "relay", "lawsgrants"}
            for _ in range(self.number(1, 4)):
                file.declarations.append(self.declaration(file, None, taken))
        for file in self.files:
            self.usings(file)
        for each in self.all:
            self.fill(each)
        for file in self.files:
            if self.chance(30):
                file.lines.append(f"annotation note{file.name}(*) :Text;")
        self.echo(self.files[0])
        for file in self.files:
            self.constants(file)
        return Schema(self.files)

    def declaration(self, file: File, around: Declaration | None, taken: set[str]) -> Declaration:
        kind = self.one_of(["struct", "struct", "struct", "enum", "interface", "interface"])
        name = self.name(taken, TYPES)
        made = Declaration(kind, name, len(self.all), file, around)
        self.all.append(made)
        made.doc = self.doc()
        made.tail = self.label()
        if kind != "enum":
            if self.chance(25):
                made.generics = tuple(GENERICS[: self.number(1, 2)])
            depth = len(made.path)
            inner: set[str] = {name.lower()}
            for _ in range(self.number(0, 2) if depth < 3 and self.chance(35) else 0):
                made.nested.append(self.declaration(file, made, inner))
        if self.chance(2):
            made.tail += " $Wit.skip"
        return made

    def usings(self, file: File) -> None:
        plain = [each for each in declared(file) if not any(outer.generics for outer in each.path)]
        for number, each in enumerate(plain):
            if self.chance(15):
                alias = f"Alias{number}"
                file.lines.append(f"using {alias} = .{'.'.join(outer.name for outer in each.path)};")
                file.aliases.append((alias, each))

    def fill(self, each: Declaration) -> None:
        match each.kind:
            case "enum":
                taken: set[str] = set()
                count = self.number(1, 5) if not self.chance(2) else 0
                each.members = [
                    Slot(self.name(taken, MEMBERS), tail=self.label(), doc=self.doc()) for _ in range(count)
                ]
                self.order(each.slots)
                each.tail += " $Wit.open" if self.chance(15) else ""
            case "struct":
                each.members = self.members(each, set(), 0)
                self.order(each.slots)
                if any(isinstance(member, Block) and not member.name for member in each.members):
                    each.tail += " $Wit.open" if self.chance(15) else ""
            case _:
                self.interface(each)
        each.whole = True

    def order(self, members: Sequence[Slot | Method]) -> None:
        """Ordinals, in an order that need not be that of the text."""
        numbers = list(range(len(members)))
        if self.chance(30):
            numbers = self.draw(st.permutations(numbers))
        for member, number in zip(members, numbers, strict=True):
            member.ordinal = number

    # -- Structs --

    def members(self, scope: Declaration, taken: set[str], depth: int) -> list[Slot | Block]:
        made: list[Slot | Block] = []
        union = False
        for _ in range(self.number(0 if not depth else 1, 5 - depth)):
            choice = self.number(0, 9) if depth < 3 else 0
            if choice == 8 and not union:
                union = True
                made.append(self.block(scope, "union", "", taken, depth))
            elif choice == 9:
                kind = self.one_of(["group", "union"])
                made.append(self.block(scope, kind, self.name(taken, MEMBERS), set(), depth))
            else:
                made.append(self.slot(scope, taken))
        return made

    def block(self, scope: Declaration, kind: str, name: str, taken: set[str], depth: int) -> Block:
        if kind == "group":
            made = Block(kind, name, self.members(scope, taken, depth + 1))
        else:
            inner: list[Slot | Block] = []
            for _ in range(self.number(2, 4)):
                if depth < 2 and self.chance(15):
                    inner.append(self.block(scope, "group", self.name(taken, MEMBERS), set(), depth + 1))
                else:
                    inner.append(self.slot(scope, taken))
            made = Block(kind, name, inner)
        made.doc = self.doc(10) if name else ""
        if name:
            made.tail = self.label()
            has_union = kind == "union" or any(isinstance(m, Block) and not m.name for m in made.members)
            made.tail += " $Wit.open" if has_union and self.chance(15) else ""
        return made

    def slot(self, scope: Declaration, taken: set[str]) -> Slot:
        type = self.type(scope)
        made = Slot(self.name(taken, MEMBERS), type.text, doc=self.doc())
        made.literal = type
        if self.chance(25):
            literal = self.literal(type, 2)
            made.tail = f" = {literal}" if literal is not None else ""
        made.tail += self.label()
        if _is_capability(type):
            made.tail += " $Wit.required" if self.chance(25) else ""
        made.tail += " $Wit.skip" if self.chance(3) else ""
        return made

    # -- Interfaces --

    def interface(self, each: Declaration) -> None:
        above = [other for other in self.all[: each.index] if other.kind == "interface"]
        for other in self.draw(st.lists(st.sampled_from(above), max_size=3, unique_by=id)) if above else []:
            if self.reachable(each, other) and other not in each.path:
                each.extends.append(self.use(each, other, 1).text)
                each.above |= {other.index, *other.above}
        taken = set().union(*(self.named.get(index, set()) for index in each.above), {each.name.lower()})
        before = set(taken)
        for _ in range(self.number(0, 3)):
            each.methods.append(self.method(each, taken))
        self.named[each.index] = taken - before
        self.order(each.methods)
        if self.chance(10) and each.file is self.files[0]:
            each.tail += ' $Wit.exports("app")'

    def method(self, scope: Declaration, taken: set[str]) -> Method:
        generics = self.chance(8)
        made = Method(self.name(taken, MEMBERS), self.ends(scope, generics), "", doc=self.doc())
        made.generics = " [Impl]" if generics else ""
        match self.number(0, 9):
            case 0:
                made.results = ""
            case 9:
                made.results = "stream"
            case _:
                made.results = self.ends(scope, generics, given=True)
        made.tail = self.label()
        match made.results:
            case [Slot(type=Use(target=Declaration(kind="interface")))] if self.chance(30):
                made.tail += " $Wit.pipeline"
            case _:
                pass
        made.tail += " $Wit.skip" if self.chance(3) else ""
        return made

    def ends(self, scope: Declaration, generics: bool, *, given: bool = False) -> str | list[Slot]:
        structs = [each for each in self.all if each.kind == "struct" and self.reachable(scope, each)]
        if structs and self.chance(20):
            return self.use(scope, self.one_of(structs), 1).text
        taken: set[str] = {"self"} if not given and not self.chance(5) else set()
        made = []
        for _ in range(self.number(0, 3)):
            type = Parameter("Impl") if generics and self.chance(30) else self.type(scope)
            slot = Slot(self.name(taken, MEMBERS), type.text)
            literal = self.literal(type, 1) if self.chance(15) else None
            slot.tail = f" = {literal}" if literal is not None else ""
            slot.tail += self.label()
            slot.tail += " $Wit.transfer" if _is_capability(type) and not given and self.chance(30) else ""
            made.append(slot)
        return made

    # -- Types --

    def type(self, scope: Scope, depth: int = 3) -> Type:
        """A type, as it is written in a scope."""
        match self.number(0, 11):
            case 0 | 1 | 2 | 3:
                return Builtin(self.one_of(VALUES))
            case 4:
                return Builtin(self.one_of(UNTOLD))
            case 5 | 6 if depth:
                return ListOf(self.element(scope, depth - 1))
            case 7 if generics := self.generics(scope):
                return Parameter(self.one_of(generics))
            case _:
                return self.declared(scope, self.all, depth)

    def element(self, scope: Scope, depth: int) -> Type:
        type = self.type(scope, depth)
        refused = isinstance(type, Parameter) or type.text in ("AnyPointer", "AnyStruct")
        # Lists of lists of these end Cap'n Proto's own compiler, as a value of a list of these does.
        refused |= type.text in ("List(AnyList)", "List(Capability)")
        return Builtin("Text") if refused else type

    def pointer(self, scope: Scope, depth: int) -> Type:
        """What a generic's parameter may be bound to."""
        generics = self.generics(scope)
        match self.number(0, 5):
            case 0:
                return Builtin(self.one_of(("Text", "Data", "AnyPointer")))
            case 1 if depth and not generics:
                return ListOf(self.element(scope, 1))
            case 2 | 3 if generics:
                return Parameter(self.one_of(generics))
            case _:
                kinds = [each for each in self.all if each.kind != "enum"]
                plain = [each for each in kinds if not any(outer.generics for outer in each.path)]
                # Generics bound in generics lead to brands without end soon.
                return self.declared(scope, plain if generics and not self.chance(5) else kinds, depth)

    def declared(self, scope: Scope, among: Sequence[Declaration], depth: int) -> Type:
        found = [each for each in among if each.usable and self.reachable(scope, each)]
        return self.use(scope, self.one_of(found), depth) if found else Builtin("Text")

    def reachable(self, scope: Scope, target: Declaration) -> bool:
        file = scope if isinstance(scope, File) else scope.file
        return target.file is file or target.file in file.imports

    def generics(self, scope: Scope) -> list[str]:
        """The type parameters that a scope knows."""
        path = [] if isinstance(scope, File) else scope.path
        return list(dict.fromkeys(name for each in path for name in each.generics))

    def use(self, scope: Scope, target: Declaration, depth: int) -> Use:
        file = scope if isinstance(scope, File) else scope.file
        if target.file is not file:
            by_name = self.chance(80)
            start = target.file.alias if by_name else f'import "{target.file.name}.capnp"'
            return Use(start + self.path(scope, target.path, depth), target)
        for alias, each in file.aliases:
            if each is target and self.chance(40):
                return Use(alias, target)
        if self.visible(scope, target) and self.chance(50):
            return Use(self.path(scope, target.path[-1:], depth)[1:], target)
        return Use(self.path(scope, target.path, depth), target)

    def visible(self, scope: Scope, target: Declaration) -> bool:
        """Whether the bare name means the target in a scope."""
        path = [] if isinstance(scope, File) else scope.path
        for around in reversed(path):
            if target.name in around.generics:
                return False
            if any(each.name == target.name for each in around.nested):
                return target.around is around
        return target.around is None

    def path(self, scope: Scope, path: Sequence[Declaration], depth: int) -> str:
        text = ""
        for each in path:
            text += f".{each.name}"
            if each.generics and depth and self.chance(75):
                text += f"({', '.join(self.pointer(scope, depth - 1).text for _ in each.generics)})"
        return text

    # -- Values --

    def literal(self, type: Type, depth: int) -> str | None:
        match type:
            case Builtin(name):
                return self.scalar(name)
            case ListOf(element) if element.text not in UNTOLD:
                items = [self.literal(element, depth - 1) for _ in range(self.number(0, 2) if depth else 0)]
                return None if None in items else f"[{', '.join(filter(None, items))}]"
            case Use(_, target) if target.kind == "enum":
                return self.one_of(target.slots).name if target.slots else None
            case Use(_, target) if target.kind == "struct" and target.whole:
                return f"({', '.join(self.assigned(target.members, depth))})"
            case _:
                return None

    def assigned(self, members: Sequence[Slot | Block], depth: int) -> list[str]:
        made = []
        for member in members:
            if not depth or not self.chance(40):
                continue
            if isinstance(member, Slot):
                literal = self.literal(member.literal, depth - 1)  # type: ignore[arg-type]
                made += [f"{member.name} = {literal}"] if literal is not None else []
            elif member.kind == "union":
                chosen = self.assigned([self.one_of(member.members)], depth)
                made += [f"{member.name} = ({', '.join(chosen)})"] if member.name else chosen
            else:
                made.append(f"{member.name} = ({', '.join(self.assigned(member.members, depth))})")
        return made

    def scalar(self, name: str) -> str | None:
        match name:
            case "Void":
                return "void"
            case "Bool":
                return str(self.one_of(("false", "true")))
            case "Float32" | "Float64":
                return str(self.one_of(("0", "1.5", "-2.5e3", "inf", "-inf", "nan", "1e-7", "3.4e38")))
            case "Text":
                return json.dumps(
                    self.one_of(("", "text", 'a "b" \\ c', "é\U0001f600", "{}%", "line\nend")),
                    ensure_ascii=False,
                )
            case "Data":
                return f'0x"{self.draw(st.binary(min_size=1, max_size=4)).hex(" ")}"'
            case _ if name in INTEGERS:
                sign, bits = INTEGERS[name]
                low = -(1 << bits - 1) if sign == "I" else 0
                return str(self.draw(st.integers(low, low + (1 << bits) - 1)))
            case _:
                return None

    def constants(self, file: File) -> None:
        for number in range(self.number(0, 2)):
            type = self.type(file, 2)
            literal = self.literal(type, 3)
            if literal is not None and type.text != "Void":
                file.lines.append(f"const const{number} : {type.text} = {literal};")

    # -- What a component echoes --

    def echo(self, file: File) -> None:
        laws, relay = [], []
        for number in range(self.number(1, 4)):
            text = f"(values :List({self.element(file, 2).text}))"
            relay.append(f"  echo{number} @{number} {text} -> {text};")
            laws.append(f"  echo{number} @{2 * number} {text} -> {text};")
            laws.append(f"  relay{number} @{2 * number + 1} {text} -> {text};")
        file.lines += [
            'interface Laws $Wit.exports("app") {',
            *laws,
            "}",
            "interface Relay {",
            *relay,
            "}",
            'struct LawsGrants $Wit.grants("app") { relay @0 :Relay; name @1 :Text $Wit.optional; }',
        ]


@st.composite
def grown(draw: st.DrawFn, schema: Schema) -> tuple[Schema, str]:
    """The schema with something more in it, and in what: a field, a method or an enumerant."""
    after = copy.deepcopy(schema)
    targets = [each for each in declared(after.files[0]) if _may_grow(each)]
    assume(targets)
    target = draw(st.sampled_from(targets))
    if target.kind == "interface":
        target.methods.append(Method("addedLater", [], [], ordinal=len(target.methods)))
    else:
        type = "UInt8" if target.kind == "struct" else ""
        target.members.append(Slot("addedLater", type, ordinal=len(target.slots)))
    return after, target.kind


def _may_grow(each: Declaration) -> bool:
    """Whether WIT has something of it, and has it as its own."""
    if any(outer.generics or "$Wit" in outer.tail for outer in each.path):
        return False
    alone = [member for member in each.members if isinstance(member, Slot)]
    return each.kind == "interface" or any(slot.type in ("", *SCALARS) and not slot.tail for slot in alone)


def _is_capability(type: Type) -> bool:
    return type.text == "Capability" or (isinstance(type, Use) and type.target.kind == "interface")
