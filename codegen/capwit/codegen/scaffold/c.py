"""The first guest of a world, in C: its functions follow the canonical ABI, and nothing else is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.codegen.base import names
from capwit.codegen.emit.read_back import split
from capwit.codegen.scaffold.canonical import MAX_PARAMS, Shapes, aligned
from capwit.codegen.scaffold.guest import FAILS, MOVED, Grant, Guest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from capwit.codegen.emit.read_back import Definition, Function, Interface

_C: Final = {"i32": "int32_t", "i64": "int64_t", "f32": "float", "f64": "double"}

_HEAD: Final = """\
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))
#define EXPORT(name) __attribute__((export_name(name)))

typedef int32_t handle;

// Where the host puts what it passes in: it is yours to free.
EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size) {
    (void)old_size, (void)align;
    void *at = realloc(old, new_size ? new_size : 1);
    if (!at) __builtin_trap();
    return at;
}
"""
_FAILURE: Final = """
// A result that failed, as it lies in memory: 1, and at `offset` a cap-error.
static void *unimplemented(uint8_t *result, size_t offset, const char *reason) {
    const struct { uint8_t kind; const char *at; size_t length; } error = {3, reason, strlen(reason)};
    result[0] = 1;
    memcpy(result + offset, &error, sizeof error);
    return result;
}
"""


def emit(guest: Guest, command: str, header: str) -> str:
    """The text of the guest; `command` builds it, and `header` declares its imports."""
    return "\n".join([*_Writer(guest).lines(command, header)]) + "\n"


class _Writer:
    """One guest on its way to text."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self.shapes = Shapes(guest)
        self.taken = {"handle", "cabi_realloc", "unimplemented", "show_grants"}
        self.drops: dict[str, str] = {}  # what drops a resource, by what it is

    def lines(self, command: str, header: str) -> Iterator[str]:
        yield f"// A guest of world `{self.guest.world}` of {self.guest.schema}."
        yield "// It is yours: capwit does not write it again."
        yield "//"
        yield f"//     {command}"
        yield "//"
        yield "// A handle is an i32. Who owns one drops it by calling its `[resource-drop]`."
        yield from (f"// {line}" for line in MOVED)
        yield f"// `{header}` declares all that it can import, for a core module (wasm32-wasip1) as well."
        yield "// A `string` or `list<T>` is a pointer and a length; a result lies in memory as in C."
        yield ""
        yield from _HEAD.splitlines()
        if self.guest.fails:
            yield from _FAILURE.splitlines()
        yield from self.grants()
        for interface, function, label in self.guest.wrapped():
            yield from self.own(interface, function, label)
        for interface, resource in self.resources():
            yield from self.new(interface, resource)
        for interface, definition, function in self.guest.functions():
            yield from self.export(interface, definition, function)

    def free(self, name: str) -> str:
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def grants(self) -> Iterator[str]:
        if self.guest.grants is None:
            return
        yield from ("", "// ---- what the guest is granted", "")
        used: list[str] = []
        for grant in self.guest.handed():
            yield from self.grant(self.guest.grants, grant, used)
        yield from ("", "// Gets each grant once: take from here what you need.")
        yield "__attribute__((unused)) static void show_grants(void) {"
        yield from used
        yield "}"

    def drop(self, home: Interface, definition: Definition) -> Generator[str, None, str]:
        """Declares what drops the handles of an imported resource; answers its name."""
        known = f"{home.id} {definition.name}"
        if known not in self.drops:
            self.drops[known] = self.free(f"{_snake(definition.name)}_drop")
            yield f'IMPORT("{home.id}", "[resource-drop]{definition.name}") void {self.drops[known]}(handle);'
        return self.drops[known]

    def own(self, interface: Interface, function: Function, resource: str) -> Iterator[str]:
        yield from ("", f"// ---- objects of your own as `{resource}`: a number of yours stands for each", "")
        for each in interface.functions.values():
            name = self.free(_snake(f"{resource}-{each.name}"))
            wraps = each is function
            parameters = "int32_t object" if wraps else "handle, void *result"
            yield f"// {each.text}"
            kind = "handle" if wraps else "void"
            yield f'IMPORT("{interface.id}", "{each.name}") {kind} {name}({parameters});'

    def grant(self, interface: Interface, grant: Grant, used: list[str]) -> Iterator[str]:
        name = self.free(f"get_{_snake(grant.name)}")
        value = f"{_snake(grant.name)}_"
        shape = self.shapes.shape(interface, grant.type)
        direct = len(shape.flat) == 1
        kind = "handle" if grant.resource and direct else _C[shape.flat[0]] if direct else "void"
        params = "void" if direct else "void *result"
        yield f"// {grant.function.text}"
        yield f'IMPORT("{interface.id}", "{grant.function.name}") {kind} {name}({params});'
        drop = ""
        if grant.resource:
            found = self.guest.find(interface, grant.type.removeprefix("option<").removesuffix(">"))
            assert found is not None
            drop = yield from self.drop(*found)
        if direct:
            used.append(f"    {kind} {value} = {name}();")
            used.append(f"    {drop}({value});" if drop else f"    (void){value};")
        else:
            used.append(f"    _Alignas(8) uint8_t {value}[{shape.size}];")
            used.append(f"    {name}({value});")
            if drop:
                used.append(
                    f"    if ({value}[0]) {drop}(*(handle *)({value} + 4));  // it need not be granted"
                )

    def resources(self) -> Iterator[tuple[Interface, Definition]]:
        for interface in self.guest.exports:
            for definition in interface.definitions.values():
                if definition.kind == "resource":
                    yield interface, definition

    def new(self, interface: Interface, resource: Definition) -> Iterator[str]:
        name = self.free(f"{_snake(resource.name)}_new")
        yield from ("", f"// ---- `{resource.name}` of {interface.id}: a number of yours stands for each", "")
        module, function = f"[export]{interface.id}", f"[resource-new]{resource.name}"
        yield f'IMPORT("{module}", "{function}") handle {name}(int32_t self);'

    def export(self, interface: Interface, resource: Definition | None, function: Function) -> Iterator[str]:
        of = f"{resource.name}." if resource else ""
        prefix = {"method": "[method]", "static": "[static]", "constructor": "[constructor]"}.get(
            function.kind, ""
        )
        constructs = function.kind == "constructor" and resource is not None
        label = f"{prefix}{resource.name}" if constructs and resource else f"{prefix}{of}{function.name}"
        name = self.free(_snake(f"{of}{function.name}".replace(".", "-")))
        params = self.params(interface, function)
        result = self.result(interface, function)
        yield ""
        drops = yield from self.dropped(interface, function, params)
        if not constructs:
            yield f"// {function.text}"
        listed = ", ".join(params) or "void"
        kind = "handle" if constructs else result
        space = "" if kind.endswith("*") else " "
        yield f'EXPORT("{interface.id}#{label}") {kind}{space}{name}({listed}) {{'
        yield from (f"    (void){param.split()[-1].lstrip('*')};" for param in params)
        yield from (f"    {drop};" for drop in drops)
        if constructs and resource:
            yield f"    return {_snake(resource.name)}_new(1);"
        elif function.result and function.result.endswith(FAILS):
            shape = self.shapes.shape(interface, function.result)
            inner = split(function.result.removeprefix("result<").removesuffix(">"))
            offset = aligned(1, self.shapes.payload(interface, *inner))
            yield f"    static _Alignas(8) uint8_t result[{shape.size}];"
            yield f'    return unimplemented(result, {offset}, "{function.name} is not written yet");'
        elif function.result:
            yield "    __builtin_trap();"
        yield "}"

    def dropped(
        self, interface: Interface, function: Function, params: list[str]
    ) -> Generator[str, None, list[str]]:
        """Declares what drops the handles that are passed in, and answers the calls that do.

        One that is lent, too, is the guest's to drop before it returns. Those of its own resources are none.
        """
        drops: list[str] = []
        offset = 4 if function.kind == "method" else 0
        for param in function.params:
            shape = self.shapes.shape(interface, param.type)
            offset = aligned(offset, shape.align)
            found = self.guest.find(interface, param.type.removeprefix("borrow<").removesuffix(">"))
            if found and found[1].kind == "resource" and found[0] not in self.guest.exports:
                name = yield from self.drop(*found)
                in_memory = params == ["void *params"]
                at = f"*(handle *)((uint8_t *)params + {offset})" if in_memory else f"{_snake(param.name)}_"
                drops.append(f"{name}({at})")
            offset += shape.size
        return drops

    def params(self, interface: Interface, function: Function) -> list[str]:
        flat = ["int32_t self"] if function.kind == "method" else []
        for param in function.params:
            shape = self.shapes.shape(interface, param.type)
            several = len(shape.flat) > 1
            for index, core in enumerate(shape.flat):
                flat.append(f"{_C[core]} {_snake(param.name)}_{index if several else ''}")
        return flat if len(flat) <= MAX_PARAMS else ["void *params"]

    def result(self, interface: Interface, function: Function) -> str:
        if not function.result:
            return "void"
        flat = self.shapes.shape(interface, function.result).flat
        return _C[flat[0]] if len(flat) == 1 else "void *"


def _snake(label: str) -> str:
    return names.snake(label).rstrip("_")
