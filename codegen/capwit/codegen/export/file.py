"""One WIT interface -> one Cap'n Proto file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, assert_never

from capwit.codegen.export import former, text
from capwit.codegen.export.former import Former, FormerFile, Known, Placed
from capwit.codegen.export.naming import (
    RESERVED,
    Namespace,
    camel,
    capitalized,
    child_id,
    named,
    pascal,
    short,
)
from capwit.codegen.export.shapes import (
    Anonymous,
    Builtin,
    Capability,
    Declared,
    List,
    Option,
    Result,
    Shape,
    Shapes,
    Tuple,
    documented,
)
from capwit.codegen.schema import nodes
from capwit.codegen.schema.annotations import Wit as Annotation
from capwit.codegen.wit_reader.syntax import Alias, Enum, Flags, Record, Resource, Variant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capwit.codegen.wit_reader.packages import Interface
    from capwit.codegen.wit_reader.syntax import Case, Function, Name

Place: TypeAlias = Literal["field", "param", "result", "element"]

_REQUIRED: Final = str(Annotation.REQUIRED)
_TRANSFER: Final = str(Annotation.TRANSFER)
_REMOVED: Final = "removed"
_UNUSED: Final = "unused"
_SKIP: Final = str(Annotation.SKIP)


@dataclass(frozen=True, slots=True)
class Names:
    """What an interface's file is called, its declarations by their WIT labels, and that of its functions.

    `id` is what the file has where it has none of before.
    """

    file: str
    id: int
    declarations: Mapping[str, str]
    functions: str


def names(interface: Interface, file: str, id: int) -> Names:
    """Decides the names of an interface's declarations."""
    space = Namespace(RESERVED)
    declarations = {
        label: space.claim(pascal(label))
        for label, each in interface.definitions.items()
        if not isinstance(each, Alias)
    }
    for label, each in interface.definitions.items():
        if isinstance(each, Alias):
            declarations[label] = space.claim(pascal(label))
    functions = pascal(interface.label)
    if functions in space.taken or camel(interface.label) in map(camel, interface.functions):
        functions = f"{functions}Functions"
    return Names(file, id, declarations, space.claim(functions))


class _Written(NamedTuple):
    """A type as it is written, and the annotations of what is of it."""

    type: str
    annotations: tuple[str, ...] = ()


class _Member(NamedTuple):
    """A field on its way: its label, what it is of, its documentation."""

    label: str
    written: _Written
    doc: str


@dataclass(slots=True)
class FileBuilder:
    """A file on its way."""

    interface: Interface
    shapes: Shapes
    all_names: Mapping[str, Names]
    earlier: FormerFile
    declarations: list[text.Declaration] = field(default_factory=list)
    imports: dict[str, str] = field(default_factory=dict)
    anonymous: dict[Anonymous, str] = field(default_factory=dict)
    spelled: dict[Shape, str] = field(default_factory=dict)
    needs: dict[str, None] = field(default_factory=dict)
    id: int = 0
    space: Namespace = field(default_factory=Namespace)

    def build(self) -> text.File:
        """The file. Raises `GenerateError` for what is not mapped."""
        own = self.names
        self.id = self.earlier.id or own.id
        self.space = Namespace([*RESERVED, *own.declarations.values(), own.functions])
        for definition in self.interface.definitions.values():
            self._define(definition)
        self._functions()
        package = self.interface.package
        version = f"@{package.version}" if package.version else ""
        label = f"{package.namespace}:{package.name}".lower()
        annotations = [f'{Annotation.PACKAGE}("{label}{version}")']
        stem = own.file.removesuffix(".capnp")
        annotations += named(stem, self.interface.label)
        return text.File(
            self.id,
            (("Wit", "/capwit/wit.capnp"), *sorted(self.imports.items())),
            tuple(annotations),
            tuple(self.declarations),
            documented(self.interface.head),
        )

    @property
    def names(self) -> Names:
        """What the file's own declarations are called."""
        return self.all_names[self.interface.id]

    def _define(self, definition: Record | Variant | Enum | Flags | Resource | Alias) -> None:
        head = definition.head
        name, doc = self.names.declarations[head.label], documented(head)
        label = named(name, head.label)
        match definition:
            case Record(fields=fields):
                members = [
                    _Member(each.name.text, self._in_field(each.type, head.name), each.doc) for each in fields
                ]
                self._struct(name, members, doc, label, union=False)
            case Variant(cases=cases):
                self._struct(name, [self._case(each, head.name) for each in cases], doc, label, union=True)
            case Flags(flags=flags):
                bools = [_Member(each.name.text, _Written("Bool"), each.doc) for each in flags]
                self._struct(name, bools, doc, label, union=False)
            case Enum(cases=cases):
                self._enum(name, cases, doc, label)
            case Resource(functions=functions):
                own = head.label
                methods = [(each.head.label, own, each) for each in functions if each.kind == "method"]
                self._interface(name, methods, doc, label)
            case Alias():
                shape = self.shapes.anonymous(self.interface, definition)
                if shape is not None:
                    self._anonymous(name, shape, doc, label)
            case _:
                assert_never(definition)

    def _functions(self) -> None:
        """What belongs to no object: the functions, constructors and statics of the interface."""
        space = Namespace(camel(label) for label in self.interface.functions)
        listed: list[tuple[str, str, Function]] = []
        for definition in self.interface.definitions.values():
            for function in definition.functions if isinstance(definition, Resource) else ():
                if function.kind != "method":
                    own = definition.head.label
                    made = function.kind == "constructor"
                    wanted = f"new-{own}" if made else f"{own}-{function.head.label}"
                    number = space.claim(camel(wanted)).removeprefix(camel(wanted))  # where it is taken
                    listed.append((f"{wanted}{number}", own, function))
        listed += [(label, "", function) for label, function in self.interface.functions.items()]
        if listed:
            doc = f"The functions of `{self.interface.label}`."
            self._interface(self.names.functions, listed, doc, ())

    # Declarations

    def _struct(
        self,
        name: str,
        members: Sequence[_Member],
        doc: str,
        annotations: tuple[str, ...],
        union: bool,
    ) -> None:
        before = self._before(name).as_a(nodes.Struct)
        placed = [Placed(each.label.lower(), former.shape(each.written.type)) for each in members]
        ordinals, gone = former.place(before, placed)
        space = Namespace(_stand_in(known) for known in gone)
        slots: list[text.Member] = []
        for member, ordinal in zip(members, ordinals, strict=True):
            slot = space.claim(camel(member.label))
            given = (*member.written.annotations, *named(slot, member.label))
            slots.append(text.Slot(slot, ordinal, member.written.type, member.doc, given))
        for known in gone:
            still = known.shape in self.names.declarations.values()
            type = known.shape if still else known.stand_in
            slots.append(text.Slot(_stand_in(known), known.ordinal, type, "", (_SKIP,)))
        if union:
            if len(slots) == 1:  # of one member Cap'n Proto makes no union
                slots.append(text.Slot(space.claim(_UNUSED), 1 + max(ordinals), "Void", "", (_SKIP,)))
            slots = [text.Group("", tuple(slots), union=True)]
        self.declarations.append(text.Struct(name, self._id(name), tuple(slots), doc, annotations))

    def _enum(self, name: str, cases: Iterable[Case], doc: str, annotations: tuple[str, ...]) -> None:
        listed = [*cases]
        before = self._before(name).as_a(nodes.Enum)
        ordinals, gone = former.place(before, [Placed(each.name.text.lower(), "") for each in listed])
        space = Namespace(_stand_in(known) for known in gone)
        slots = []
        for case, ordinal in zip(listed, ordinals, strict=True):
            slot = space.claim(camel(case.name.text))
            slots.append(text.Slot(slot, ordinal, "", case.doc, named(slot, case.name.text)))
        slots += [text.Slot(_stand_in(known), known.ordinal, "", "", (_SKIP,)) for known in gone]
        self.declarations.append(text.Enum(name, self._id(name), tuple(slots), doc, annotations))

    def _interface(
        self,
        name: str,
        functions: Sequence[tuple[str, str, Function]],
        doc: str,
        annotations: tuple[str, ...],
    ) -> None:
        """Declares an interface; its functions come with their labels, and the resources that they are of."""
        made = [(label, *self._signature(function, of), function, of) for label, of, function in functions]
        placed = [
            Placed(label.lower(), " -> ".join(former.signature(_told(each)) for each in (params, results)))
            for label, params, results, *_ in made
        ]
        before = self._before(name).as_a(nodes.Interface)
        ordinals, gone = former.place(before, placed)
        space = Namespace(_stand_in(known) for known in gone)
        methods = []
        for (label, params, results, function, of), ordinal in zip(made, ordinals, strict=True):
            method = space.claim(camel(label))
            given = (*named(method, label), *_stands_for(function, of))
            methods.append(text.Method(method, ordinal, params, results, documented(function.head), given))
        methods += [text.Method(_stand_in(known), known.ordinal, (), (), "", (_SKIP,)) for known in gone]
        self.declarations.append(text.Interface(name, self._id(name), tuple(methods), doc, annotations))

    def _signature(self, function: Function, of: str) -> tuple[tuple[text.Slot, ...], tuple[text.Slot, ...]]:
        at = function.head.name
        space = Namespace()
        params = []
        for index, param in enumerate(function.params):
            shape = self.shapes.shape(self.interface, param.type, at)
            written = self._written(shape, "param")
            label = param.name.text if param.name.text != "self" else "the-self"
            name = space.claim(camel(label))
            given = (*written.annotations, *named(name, label))
            params.append(text.Slot(name, index, written.type, "", given))
        _, type, scope = self.shapes.failing(self.interface, function.result)
        results: list[text.Slot] = []
        if type is not None:
            written = self._written(self.shapes.shape(scope, type, at), "result")
            results.append(text.Slot("result", 0, written.type))
        if function.kind == "constructor" and function.result is None:
            results.append(text.Slot("result", 0, self.names.declarations[of]))
        return tuple(params), tuple(results)

    # Types

    def _case(self, case: Case, at: Name) -> _Member:
        written = self._in_field(case.type, at) if case.type else _Written("Void")
        return _Member(case.name.text, written, case.doc)

    def _in_field(self, type: object, at: Name) -> _Written:
        return self._written(self.shapes.shape(self.interface, type, at), "field")  # type: ignore[arg-type]

    def _written(self, shape: Shape, place: Place) -> _Written:
        match shape:
            case Builtin(name):
                required = name == "Capability" and place == "field"
                return _Written(name, (_REQUIRED,) if required else ())
            case List(element):
                return _Written(f"List({self._written(element, 'element').type})")
            case Declared(scope, label):
                return _Written(self._refer(scope, label))
            case Capability(scope, label, lent):
                given = {"field": _REQUIRED, "param": "" if lent else _TRANSFER}.get(place, "")
                return _Written(self._refer(scope, label), (given,) if given else ())
            case Option(Capability() as capability) if place == "field":
                return _Written(self._written(capability, "element").type)
            case Option(Builtin("Capability")) if place == "field":
                return _Written("Capability")
            case Option() | Result() | Tuple():
                return _Written(self._unnamed(shape))
            case _:
                assert_never(shape)

    def _refer(self, scope: str, label: str) -> str:
        name = self.all_names[scope].declarations[label]
        if scope == self.interface.id:
            return name
        path = self.all_names[scope].file
        alias = next((alias for alias, imported in self.imports.items() if imported == path), None)
        if alias is None:
            alias = self.space.claim(pascal(path.removesuffix(".capnp")))
            self.imports[alias] = path
            self.needs[scope] = None
        return f"{alias}.{name}"

    def _unnamed(self, shape: Anonymous) -> str:
        """The struct for a type that has no name in WIT."""
        if shape not in self.anonymous:
            name = self.space.claim(short(self._spelled(shape)))
            self.anonymous[shape] = name
            self._anonymous(name, shape, "", ())
        return self.anonymous[shape]

    def _anonymous(self, name: str, shape: Anonymous, doc: str, annotations: tuple[str, ...]) -> None:
        match shape:
            case Option(some):
                members = [
                    _Member("none", _Written("Void"), ""),
                    _Member("some", self._written(some, "field"), ""),
                ]
                self._struct(name, members, doc, annotations, union=True)
            case Result(ok, error):
                members = [
                    _Member(label, self._written(each, "field") if each else _Written("Void"), "")
                    for label, each in (("ok", ok), ("err", error))
                ]
                self._struct(name, members, doc, annotations, union=True)
            case Tuple(items):
                members = [
                    _Member(f"v{index}", self._written(each, "field"), "") for index, each in enumerate(items)
                ]
                self._struct(name, members, doc, annotations, union=False)
            case _:
                assert_never(shape)

    def _spelled(self, shape: Shape | None) -> str:
        """What a struct is called that is made for a type without a name: of what the type is made."""
        if shape is None:
            return "Void"
        if shape not in self.spelled:
            self.spelled[shape] = self._spelling(shape)
        return self.spelled[shape]

    def _spelling(self, shape: Shape) -> str:
        match shape:
            case Builtin(name):
                return name
            case List(element):
                return short(f"List{self._spelled(element)}")
            case Declared(scope, label) | Capability(scope, label):
                return self.all_names[scope].declarations[label]
            case Option(some):
                return short(f"Option{self._spelled(some)}")
            case Result(ok, error):
                return short(f"Result{self._spelled(ok)}{self._spelled(error)}")
            case Tuple(items):
                return short("Tuple" + "".join(map(self._spelled, items)))
            case _:
                assert_never(shape)

    # What was before

    def _before(self, name: str) -> Former:
        return self.earlier.declarations.get(name, Former())

    def _id(self, name: str) -> int:
        return self._before(name).id or child_id(self.id, name)


def _stand_in(known: Known) -> str:
    """What a member is called that is gone: its ordinal stays taken."""
    return known.name if known.name.startswith((_REMOVED, _UNUSED)) else _REMOVED + capitalized(known.name)


def _stands_for(function: Function, of: str) -> tuple[str, ...]:
    """The annotation of a method that is no method in WIT: the function, as a component names it."""
    label = function.head.label
    match function.kind:
        case "method":
            return ()
        case "constructor":
            label = f"[constructor]{of}"
        case "static":
            label = f"[static]{of}.{label}"
    return (f'{Annotation.FUNCTION}("{label}")',)


def _told(slots: Iterable[text.Slot]) -> list[tuple[str, str]]:
    return [(slot.name, slot.type) for slot in slots]
