"""The first guest of a world, in Python, for componentize-py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capwit.codegen.base import names
from capwit.codegen.scaffold.guest import FAILS, MOVED, Grant, Guest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capwit.codegen.emit.read_back import Definition, Function, Interface


def emit(guest: Guest, command: str) -> str:
    """The text of the guest; `command` builds it."""
    return "\n".join([*_head(guest, command), *_grants(guest), *_own(guest), *_exports(guest)]) + "\n"


def _head(guest: Guest, command: str) -> Iterator[str]:
    yield f'"""A guest of world `{guest.world}` of {guest.schema}.'
    yield ""
    yield "It is yours: capwit does not write it again. To build it:"
    yield ""
    yield f"    {command}"
    yield ""
    yield "A handle is a context manager: `with` drops it where its block ends."
    yield from MOVED
    yield "componentize-py ends the guest where that is done, and no `except` sees it."
    yield "The top level of this file runs when it is built, and holds nothing yet."
    yield '"""'
    yield ""
    if guest.fails:
        yield "from componentize_py_types import Err"
    if any(not interface.definitions for interface in guest.exports):
        yield "from wit_world import exports"
    modules = sorted(names.snake(each.name) for each in guest.exports if each.definitions)
    if modules:
        yield f"from wit_world.exports import {', '.join(modules)}"
    imports = [*(["errors"] if guest.fails else [])]
    imports += [names.snake(guest.grants.name)] if guest.grants else []
    imports += [names.snake(interface.name) for interface in guest.own]
    if imports:
        yield f"from wit_world.imports import {', '.join(sorted(imports))}"


def _grants(guest: Guest) -> Iterator[str]:
    if guest.grants is None:
        return
    yield from ("", "", "def show_grants() -> None:")
    yield '    """Gets each grant once: take from here what you need."""'
    for grant in guest.handed():
        yield from _grant(names.snake(guest.grants.name), grant)


def _grant(module: str, grant: Grant) -> Iterator[str]:
    name = names.snake(grant.name)
    call = f"{module}.{names.snake(grant.function.name)}()"
    if grant.resource and not grant.optional:
        yield f"    with {call} as {name}:"
        yield f"        del {name}  # Use it here, in place of this line."
        return
    yield f"    {name} = {call}"
    if grant.resource:
        yield f"    if {name} is not None:  # It need not be granted."
        yield f"        with {name}:"
        yield "            pass  # Use it here."
    else:
        yield f"    del {name}  # `{grant.type}`: use it, in place of this line."


def _own(guest: Guest) -> Iterator[str]:
    for interface, function, resource in guest.wrapped():
        yield from ("", "", f"def wrap_{names.snake(resource)}(number: int):")
        yield '    """Makes a handle of an object of yours, by its number: pass it on, or drop it."""'
        yield f"    return {names.snake(interface.name)}.{names.snake(function.name)}(number)"


def _exports(guest: Guest) -> Iterator[str]:
    for interface in guest.exports:
        module = names.snake(interface.name)
        for resource in interface.definitions.values():
            if resource.kind == "resource":
                cls = names.pascal(resource.name)
                yield from _class(interface, cls, f"{module}.{cls}", resource, resource.functions)
        if interface.functions:
            cls = names.pascal(interface.name)
            yield from _class(interface, cls, f"exports.{cls}", None, tuple(interface.functions.values()))


def _class(
    interface: Interface,
    cls: str,
    protocol: str,
    resource: Definition | None,
    functions: tuple[Function, ...],
) -> Iterator[str]:
    yield from ("", "", f"class {cls}({protocol}):")
    what = f"the resource `{resource.name}`" if resource else "the functions"
    yield f'    """What the host calls: {what} of `{interface.id}`."""'
    for function in functions:
        params = [names.snake(param.name) for param in function.params]
        if function.kind == "constructor":
            head = ", ".join(["self", *params])
            yield from ("", f"    def __init__({head}) -> None:", "        pass")
            continue
        static = function.kind == "static"
        yield ""
        if static:
            yield "    @classmethod"
        head = ", ".join(["cls" if static else "self", *params])
        yield f"    def {names.snake(function.name)}({head}):"
        yield f"        # {function.text}"
        yield f"        {_body(function)}"


def _body(function: Function) -> str:
    if (function.result or "").endswith(FAILS):
        reason = f'"{function.name} is not written yet"'
        return f"raise Err(errors.CapError(errors.ErrorKind.UNIMPLEMENTED, {reason}))"
    return "raise NotImplementedError" if function.result else "pass"
