"""An abstract interpreter of the component binary format: what is defined, without running it.

A nested component, or an instance type, is a closure: a part of the file and the scope it stands in.
It is read again wherever it is instantiated, with that place's arguments. That is the only way to
know an export's types, because `wit-component` hands each exported interface through a nested
component that gives the types their names.

Source: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from capwit.engine import valtype
from capwit.engine.binary import Reader, Source
from capwit.engine.component import Unsupported
from capwit.engine.items import (
    ComponentType,
    Instance,
    InstanceType,
    Item,
    Nested,
    Signature,
    Sort,
    Spaces,
    unsupported,
)
from capwit.engine.types import Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_DEPTH: Final = 100
SCOPE_COST: Final = 10  # in steps of the budget
PREAMBLE: Final = b"\0asm\x0d\0\x01\0"

CORE_MODULE: Final = Unsupported("a core module")
COMPONENT: Final = Unsupported("a component")
CORE_SORTS: Final = frozenset({0x00, 0x01, 0x02, 0x03, 0x04, 0x10, 0x11, 0x12})


@dataclass(eq=False)
class Scope(Spaces):
    """A component, component type or instance type while its definitions are read.

    `given` holds what the imports are bound to, or the exports an instance type is matched against;
    what it lacks is abstract: a resource type in it is a fresh one. Fresh resources are
    `Resource("", "#7")`, told apart by their number until the interfaces that name them are known.
    """

    source: Source
    depth: int
    parent: Scope | None = None
    given: Mapping[str, Item] | None = None
    imports: dict[str, Item] = field(default_factory=dict)
    exports: dict[str, Item] = field(default_factory=dict)

    def inner(self, reader: Reader, parent: Scope, given: Mapping[str, Item] | None) -> Scope:
        """A scope that stands in `parent`, evaluated one level deeper than this one."""
        if self.depth >= MAX_DEPTH:
            raise reader.error(f"nests deeper than {MAX_DEPTH} levels")
        self.source.spend(SCOPE_COST, reader.position)
        return Scope(self.source, self.depth + 1, parent, given)

    def fresh(self) -> Resource:
        """A resource type unlike any other."""
        self.source.serial += 1
        return Resource("", f"#{self.source.serial}")

    def component(self, reader: Reader) -> None:
        """Read a whole component."""
        if not self.source.data.startswith(PREAMBLE, reader.position, reader.end):
            raise reader.error("is not a component of the binary format that this version reads")
        reader.position += len(PREAMBLE)
        while reader:
            section = reader.byte()
            body = reader.window()
            self.source.spend(1, body.position)
            if section in SKIPPED_SECTIONS:
                continue
            if section == COMPONENT_SECTION:
                self.add(Sort.COMPONENT, Nested(body.position, body.end, self))
                continue
            if section not in SECTIONS:
                raise unsupported(
                    reader, REFUSED_SECTIONS.get(section, f"a section of the unknown kind {section}")
                )
            for _ in body.repeat():
                SECTIONS[section](self, body)
            if body:
                raise body.error("a section goes on after its last item")

    def instance(self, reader: Reader) -> None:
        """`instance`: a component instantiated, or exports put together."""
        exports: dict[str, Item] = {}
        match reader.byte():
            case 0x00:
                nested = self.get(reader, Sort.COMPONENT, Nested)
                given: dict[str, Item] = {}
                for _ in reader.repeat():
                    bind(reader, given, reader.extern_name(), self.sorted_item(reader)[1])
                scope = self.inner(reader, nested.scope, given)
                scope.component(Reader(self.source, nested.start, nested.end))
                exports = scope.exports
            case 0x01:
                for _ in reader.repeat():
                    bind(reader, exports, extern_name(reader), self.sorted_item(reader)[1])
            case other:
                raise reader.error(f"defines an instance of the unknown kind {other:#x}")
        self.add(Sort.INSTANCE, Instance(exports))

    def sorted_item(self, reader: Reader) -> tuple[Sort, Item]:
        """`sortidx`: any item of this scope."""
        sort = read_sort(reader)
        if sort is Sort.CORE:
            reader.u32()
            return sort, CORE_MODULE
        return sort, self.item(reader, sort, reader.u32())

    def alias(self, reader: Reader) -> None:
        """`alias`: an item of an instance, or of an enclosing scope."""
        sort = read_sort(reader)
        match reader.byte():
            case 0x00:
                instance = self.get(reader, Sort.INSTANCE, Instance)
                name = reader.extern_name()
                if name not in instance.exports:
                    raise reader.error(f"refers to {name!r}, which its instance does not export")
                self.add(sort, instance.exports[name])
            case 0x01:
                reader.u32()
                reader.text()
            case 0x02:
                scope = self
                for _ in range(reader.u32()):
                    if scope.parent is None:
                        raise reader.error("refers to a scope outside the component")
                    scope = scope.parent
                index = reader.u32()
                if sort is not Sort.CORE:
                    self.add(sort, scope.item(reader, sort, index))
            case other:
                raise reader.error(f"defines an alias of the unknown kind {other:#x}")

    def canon(self, reader: Reader) -> None:
        """`canon`: only a lifted function is an item of ours; the others are core functions."""
        code = reader.byte()
        match code:
            case 0x00:
                reader.byte()
                reader.u32()
                canon_options(reader)
                self.add(Sort.FUNCTION, self.get(reader, Sort.TYPE, Signature))
            case 0x01:
                reader.byte()
                reader.u32()
                canon_options(reader)
            case 0x02 | 0x03 | 0x04:  # resource.new, resource.drop, resource.rep
                reader.u32()
            case _:
                raise unsupported(reader, f"`{P3_FUNCTIONS.get(code, f'canon {code:#x}')}`")

    def imported(self, reader: Reader) -> None:
        """`import`: bound to what is given, or abstract."""
        name = extern_name(reader)
        if self.given is None:
            sort, item = self.described(reader, None)
            item = valtype.named(item, name)
        elif name in self.given:
            sort, item = self.described(reader, self.given[name])
        else:
            raise reader.error(f"instantiates a component without its import {name!r}")
        bind(reader, self.imports, name, item)
        self.add(sort, item)

    def exported(self, reader: Reader) -> None:
        """`export`: which defines the item anew, by the type that is ascribed to it, if any."""
        name = extern_name(reader)
        sort, item = self.sorted_item(reader)
        match reader.byte():
            case 0x00:
                pass
            case 0x01:
                sort, item = self.described(reader, item)
            case other:
                raise reader.error(f"ascribes a type in an unknown way, {other:#x}")
        item = valtype.named(item, name)
        bind(reader, self.exports, name, item)
        self.add(sort, item)

    def described(self, reader: Reader, given: Item | None) -> tuple[Sort, Item]:
        """`externdesc`: an item as it is seen through a type.

        Of what is given, types keep their identity, and resources stand for the abstract ones of
        the description; functions are as described.
        """
        match reader.byte():
            case 0x00:
                read_core_sort(reader)
                reader.u32()
                return Sort.CORE, CORE_MODULE
            case 0x01:
                return Sort.FUNCTION, self.get(reader, Sort.TYPE, Signature)
            case 0x02:
                raise unsupported(reader, "values as imports or exports")
            case 0x03:
                return Sort.TYPE, self.bound(reader, given)
            case 0x04:
                self.get(reader, Sort.TYPE, ComponentType)
                return Sort.COMPONENT, COMPONENT if given is None else given
            case 0x05:
                declared = self.get(reader, Sort.TYPE, InstanceType)
                scope = self.inner(
                    reader, declared.scope, given.exports if isinstance(given, Instance) else {}
                )
                scope.declarations(Reader(self.source, declared.start, declared.end))
                return Sort.INSTANCE, Instance(scope.exports)
            case other:
                raise reader.error(f"describes an item of the unknown kind {other:#x}")

    def bound(self, reader: Reader, given: Item | None) -> Item:
        """`typebound`."""
        match reader.byte():
            case 0x00:
                equal = self.item(reader, Sort.TYPE, reader.u32())
                return equal if given is None else given
            case 0x01:
                return self.fresh() if given is None else given
            case other:
                raise reader.error(f"bounds a type in an unknown way, {other:#x}")

    def define(self, reader: Reader) -> None:
        """`type`: the next type of this scope."""
        self.add(Sort.TYPE, self.definition(reader))

    def definition(self, reader: Reader) -> Item:
        """`deftype`."""
        code = reader.peek()
        match code:
            case 0x3F:
                reader.byte()
                reader.byte()  # the representation: i32
                if reader.byte():
                    reader.u32()  # the destructor
                return self.fresh()
            case 0x40:
                reader.byte()
                return valtype.read_function(self, reader)
            case 0x41:
                reader.byte()
                self.inner(reader, self, None).declarations(reader)
                return ComponentType()
            case 0x42:
                # Evaluated here only to find where it ends: it has no length.
                reader.byte()
                start = reader.position
                self.inner(reader, self, None).declarations(reader)
                return InstanceType(start, reader.position, self)
            case _ if code in valtype.PRIMITIVES or code in valtype.REFUSED:
                return valtype.read_value(self, reader)
            case _:
                reader.byte()
                return valtype.read_composite(self, reader, code)

    def declarations(self, reader: Reader) -> None:
        """The declarations of a component type or instance type."""
        for _ in reader.repeat():
            match reader.byte():
                case 0x00:
                    raise unsupported(reader, "a core type inside an instance type")
                case 0x01:
                    self.define(reader)
                case 0x02:
                    self.alias(reader)
                case 0x03:
                    name = extern_name(reader)
                    sort, item = self.described(reader, None)
                    self.add(sort, valtype.named(item, name))
                case 0x04:
                    name = extern_name(reader)
                    sort, item = self.described(reader, self.given.get(name) if self.given else None)
                    item = valtype.named(item, name)
                    bind(reader, self.exports, name, item)
                    self.add(sort, item)
                case other:
                    raise reader.error(f"declares an item of the unknown kind {other:#x}")


def bind(reader: Reader, names: dict[str, Item], name: str, item: Item) -> None:
    """Enter a name that must be new."""
    if name in names:
        raise reader.error(f"names two items {name!r}")
    names[name] = item


def extern_name(reader: Reader) -> str:
    """The name of an import or export."""
    match reader.byte():
        case 0x00 | 0x01:
            return reader.extern_name()
        case _:
            raise unsupported(reader, "an import or export with attributes besides its name")


def read_sort(reader: Reader) -> Sort:
    """`sort`."""
    code = reader.byte()
    if code == Sort.CORE:
        read_core_sort(reader)
    try:
        return Sort(code)
    except ValueError:
        raise reader.error(f"names an item of the unknown sort {code:#x}") from None


def read_core_sort(reader: Reader) -> None:
    """`core:sort`: which one makes no difference here."""
    if reader.byte() not in CORE_SORTS:
        raise reader.error("names a core item of an unknown sort")


def canon_options(reader: Reader) -> None:
    """`opts`: how a function is lifted or lowered, which is none of our business."""
    for _ in reader.repeat():
        code = reader.byte()
        match code:
            case 0x00 | 0x01 | 0x02:
                pass
            case 0x03 | 0x04 | 0x05:
                reader.u32()
            case _:
                raise unsupported(reader, f"`{P3_OPTIONS.get(code, f'canonical option {code:#x}')}`")


# Names for messages: what async (P3) adds to the canonical functions, and to their options.
P3_FUNCTIONS: Final = dict(
    enumerate(
        (
            *("task.cancel", "subtask.cancel", "resource.drop async", "backpressure.set", "task.return"),
            *("context.get", "context.set", "thread.yield", "subtask.drop"),
            *("stream.new", "stream.read", "stream.write", "stream.cancel-read", "stream.cancel-write"),
            *("stream.drop-readable", "stream.drop-writable"),
            *("future.new", "future.read", "future.write", "future.cancel-read", "future.cancel-write"),
            *("future.drop-readable", "future.drop-writable"),
            *("error-context.new", "error-context.debug-message", "error-context.drop"),
            *("waitable-set.new", "waitable-set.wait", "waitable-set.poll", "waitable-set.drop"),
            *("waitable.join", "backpressure.inc", "backpressure.dec"),
        ),
        start=0x05,
    )
)
P3_OPTIONS: Final = {0x06: "async", 0x07: "callback"}

CUSTOM_SECTION: Final = 0
SKIPPED_SECTIONS: Final = {CUSTOM_SECTION: "custom", 1: "core module", 2: "core instance", 3: "core type"}
COMPONENT_SECTION: Final = 4
SECTIONS: Final[Mapping[int, Callable[[Scope, Reader], None]]] = {
    5: Scope.instance,
    6: Scope.alias,
    7: Scope.define,
    8: Scope.canon,
    10: Scope.imported,
    11: Scope.exported,
}
REFUSED_SECTIONS: Final = {9: "a start function", 12: "a value section"}
