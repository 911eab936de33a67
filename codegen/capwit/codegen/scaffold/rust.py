"""The first guest of a world, in Rust, with wit-bindgen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.codegen.base import names
from capwit.codegen.emit.read_back import split
from capwit.codegen.scaffold.guest import FAILS, MOVED, Grant, Guest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capwit.codegen.emit.read_back import Definition, Function, Interface

WIT_BINDGEN: Final = "0.63"
"""The version that the scaffold is made for."""

_SCALARS: Final = {
    "bool": "bool", "s8": "i8", "s16": "i16", "s32": "i32", "s64": "i64", "u8": "u8", "u16": "u16",
    "u32": "u32", "u64": "u64", "f32": "f32", "f64": "f64", "char": "char", "string": "String", "_": "()",
}  # fmt: skip
_WRAPPERS: Final = {"list": "Vec", "option": "Option", "result": "Result"}
_KEYWORDS: Final = frozenset(
    {
        *("abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do"),
        *("dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let"),
        *("loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self"),
        *("static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use"),
        *("virtual", "where", "while", "yield"),
    }
)


def manifest(crate: str) -> str:
    """The text of `Cargo.toml`."""
    return f"""\
[package]
name = "{crate}"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies]
wit-bindgen = "{WIT_BINDGEN}"

[profile.release]
opt-level = "s"
lto = true
strip = true

[workspace]
"""


def emit(guest: Guest, commands: Sequence[str]) -> str:
    """The text of `src/lib.rs`; `commands` build it."""
    return "\n".join([*_lines(guest, commands)]) + "\n"


def _lines(guest: Guest, commands: Sequence[str]) -> Iterator[str]:
    yield f"//! A guest of world `{guest.world}` of {guest.schema}."
    yield "//! It is yours: capwit does not write it again. To build it:"
    yield "//!"
    yield from (f"//!     {command}" for command in commands)
    yield "//!"
    yield "//! The first wants `rustup target add wasm32-unknown-unknown`,"
    yield "//! the second `cargo install wasm-tools`."
    yield "//! A handle is dropped where its value is."
    yield from (f"//! {line}" for line in MOVED)
    yield "//! Rust's own rules of ownership see to that."
    yield ""
    yield f'wit_bindgen::generate!({{ world: "{guest.world}", path: "../../wit", generate_all }});'
    yield from _grants(guest)
    yield from _own(guest)
    yield from ("", "struct Component;", "", "export!(Component);")
    for interface in guest.exports:
        yield from _interface(interface)


def _grants(guest: Guest) -> Iterator[str]:
    if guest.grants is None:
        return
    module = _module(guest.grants)
    yield from ("", "/// Gets each grant once: take from here what you need.")
    yield from ("#[allow(dead_code)]", "fn show_grants() {")
    for grant in guest.handed():
        yield from _grant(module, grant)
    yield "}"


def _grant(module: str, grant: Grant) -> Iterator[str]:
    call = f"{module}::{_snake(grant.function.name)}()"
    if grant.resource and grant.optional:
        yield f"    if let Some(_{_plain(grant.name)}) = {call} {{"
        yield "        // It need not be granted. It is dropped where this block ends."
        yield "    }"
    else:
        yield f"    let _{_plain(grant.name)} = {call}; // {grant.type}"


def _own(guest: Guest) -> Iterator[str]:
    for interface, function, resource in guest.wrapped():
        module = _module(interface)
        yield from ("", "/// Makes a handle of an object of yours, by its number.")
        yield "#[allow(dead_code)]"
        yield f"fn wrap_{_plain(resource)}(number: u32) -> {_type(module, function.result or '', set())} {{"
        yield f"    {module}::{_snake(function.name)}(number)"
        yield "}"


def _interface(interface: Interface) -> Iterator[str]:
    module = f"exports::{_module(interface)}"
    resources = [each for each in interface.definitions.values() if each.kind == "resource"]
    for resource in resources:
        cls = names.pascal(resource.name)
        yield from ("", f"/// The resource `{resource.name}` of `{interface.id}`.", f"struct My{cls};")
    yield from ("", f"impl {module}::Guest for Component {{")
    yield from (f"    type {names.pascal(each.name)} = My{names.pascal(each.name)};" for each in resources)
    for function in interface.functions.values():
        yield from _function(interface, module, function)
    yield "}"
    for resource in resources:
        cls = names.pascal(resource.name)
        yield from ("", f"impl {module}::Guest{cls} for My{cls} {{")
        for index, function in enumerate(resource.functions):
            yield from [""] if index else []
            yield from _function(interface, module, function, resource)
        yield "}"


def _function(
    interface: Interface, module: str, function: Function, resource: Definition | None = None
) -> Iterator[str]:
    own = {each.name for each in interface.definitions.values()}
    params = [f"_{_plain(param.name)}: {_type(module, param.type, own)}" for param in function.params]
    if function.kind == "constructor" and resource:
        yield f"    fn new({', '.join(params)}) -> Self {{"
        yield f"        My{names.pascal(resource.name)}"
        yield "    }"
        return
    receiver = ["&self"] if function.kind == "method" else []
    result = f" -> {_type(module, function.result, own)}" if function.result else ""
    yield f"    // {function.text}"
    yield f"    fn {_snake(function.name)}({', '.join([*receiver, *params])}){result} {{"
    if function.result and function.result.endswith(FAILS):
        yield f"        Err({module}::CapError {{"
        yield "            kind: capwit::bridge::errors::ErrorKind::Unimplemented,"
        yield f'            reason: "{function.name} is not written yet".into(),'
        yield "        })"
    elif function.result:
        yield "        unimplemented!()"
    yield "    }"


def _type(module: str, text: str, own: set[str]) -> str:
    """A type as it is passed to what a guest exports; `own` are the resources that its interface declares."""
    if text in _SCALARS:
        return _SCALARS[text]
    head, bracket, rest = text.partition("<")
    inner = split(rest.removesuffix(">"))
    if not bracket:
        return f"{module}::{names.pascal(text.removeprefix('%'))}"
    match head:
        case "borrow" if inner[0].removeprefix("%") in own:
            return f"{_type(module, inner[0], own)}Borrow<'_>"
        case "borrow":
            return f"&{_type(module, inner[0], own)}"
        case "own":
            return _type(module, inner[0], own)
        case "tuple":
            return f"({', '.join(_type(module, each, own) for each in inner)},)"
        case _:
            return f"{_WRAPPERS[head]}<{', '.join(_type(module, each, own) for each in inner)}>"


def _module(interface: Interface) -> str:
    space, _, name = interface.package.partition(":")
    return "::".join(_snake(part) for part in (space, name, interface.name))


def _plain(label: str) -> str:
    return label.replace("-", "_")


def _snake(label: str) -> str:
    name = _plain(label)
    return f"{name}_" if name in _KEYWORDS else name
