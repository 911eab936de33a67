"""Random WIT: interfaces as data, and as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from capwit.codegen.base.names import text_label
from capwit.codegen.errors import Location
from capwit.codegen.wit_reader import syntax
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

NOWHERE: Final = Location("<random>")
WORDS: Final = ["a", "b1", "cat", "dog", "list", "type", "x2", "URL", "key", "world", "own", "from", "e3"]
PRIMITIVES: Final = ["bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "string"]


def name(text: str) -> syntax.Name:
    return syntax.Name(text, NOWHERE)


def labels(most: int) -> SearchStrategy[list[str]]:
    """Labels that are one scope's: WIT tells them apart by more than case and `-`."""
    label = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("-".join)
    return st.lists(label, min_size=1, max_size=most, unique_by=lambda each: each.lower().replace("-", ""))


DOCS: Final = st.sampled_from(["", "", "", "What it is.", "One.\n\n  Two, indented.", "`//` and /* and */"])


@st.composite
def types(draw: DrawFn, known: Sequence[str], resources: Sequence[str], depth: int = 0) -> syntax.Type:
    def inner() -> syntax.Type:
        return draw(types(known, resources, depth + 1))

    kinds = ["primitive", "primitive", *(["named"] * 2 if known else []), *(["own"] if resources else [])]
    if depth < 3:
        kinds += ["list", "option", "result", "tuple"]
    match draw(st.sampled_from(kinds)):
        case "primitive":
            return syntax.Primitive(draw(st.sampled_from([*PRIMITIVES, "char"])))
        case "named":
            return syntax.Named(name(draw(st.sampled_from(known))))
        case "own":
            return syntax.Handle(name(draw(st.sampled_from(resources))), borrowed=False)
        case "list":
            return syntax.ListOf(inner())
        case "option":
            return syntax.OptionOf(inner())
        case "tuple":
            return syntax.TupleOf(tuple(inner() for _ in range(draw(st.integers(1, 3)))))
        case _:
            ok, error = (inner() if draw(st.booleans()) else None for _ in range(2))
            return syntax.ResultOf(ok, error)


@st.composite
def functions(draw: DrawFn, label: str, known: Sequence[str], resources: Sequence[str]) -> syntax.Function:
    params = []
    for each in draw(labels(3)) if draw(st.booleans()) else []:
        if each == "self":
            continue
        if resources and draw(st.integers(0, 3)) == 0:
            lent = syntax.Handle(name(draw(st.sampled_from(resources))), borrowed=True)
            params.append(syntax.Field(name(each), lent))
        else:
            params.append(syntax.Field(name(each), draw(types(known, resources))))
    result = draw(types(known, resources)) if draw(st.booleans()) else None
    head = syntax.Head(name(label), draw(DOCS), ())
    return syntax.Function(head, "free", tuple(params), result)


@st.composite
def definitions(
    draw: DrawFn, label: str, known: Sequence[str], resources: Sequence[str]
) -> syntax.Definition:
    head = syntax.Head(name(label), draw(DOCS), ())
    match draw(st.sampled_from(["record", "variant", "enum", "flags", "alias"])):
        case "record":
            return syntax.Record(
                head,
                tuple(
                    syntax.Field(name(each), draw(types(known, resources)), draw(DOCS))
                    for each in draw(labels(4))
                ),
            )
        case "variant":
            return syntax.Variant(
                head,
                tuple(
                    syntax.Case(
                        name(each), draw(types(known, resources)) if draw(st.booleans()) else None, draw(DOCS)
                    )
                    for each in draw(labels(4))
                ),
            )
        case "enum":
            cases = tuple(syntax.Case(name(each), None, draw(DOCS)) for each in draw(labels(5)))
            return syntax.Enum(head, cases)
        case "flags":
            cases = tuple(syntax.Case(name(each), None, draw(DOCS)) for each in draw(labels(5)))
            return syntax.Flags(head, cases)
        case _:
            return syntax.Alias(head, draw(types(known, resources)))


@st.composite
def interfaces(draw: DrawFn, label: str) -> syntax.Interface:
    """An interface that is valid by itself."""
    given = draw(labels(9))
    resources = given[: draw(st.integers(0, 2))]
    members: list[syntax.Member] = []
    known: list[str] = []
    for each in given:
        if each in resources:
            members.append(draw(owned(each, resources)))
        elif draw(st.booleans()):
            members.append(draw(definitions(each, [*known], resources)))
            known.append(each)
        else:
            members.append(draw(functions(each, [*known], resources)))
    return syntax.Interface(syntax.Head(name(label), draw(DOCS), ()), tuple(members))


@st.composite
def owned(draw: DrawFn, label: str, resources: Sequence[str]) -> syntax.Resource:
    taken = label.lower().replace("-", "")
    listed = []
    for each in draw(labels(3)):
        if each.lower().replace("-", "") != taken:
            function = draw(functions(each, [], resources))
            static, method = replace(function, kind="static"), replace(function, kind="method")
            listed.append(static if draw(st.booleans()) else method)
    if draw(st.booleans()):
        made = draw(functions("constructor", [], resources))
        result = draw(st.sampled_from([None, syntax.ResultOf(syntax.Named(name(label)), None)]))
        listed.append(replace(made, kind="constructor", result=result))
    return syntax.Resource(syntax.Head(name(label), draw(DOCS), ()), tuple(listed))


def text(interface: syntax.Interface) -> str:
    lines = [*_doc(interface.head.doc), f"interface {text_label(interface.head.label)} {{"]
    for member in interface.members:
        assert not isinstance(member, syntax.Use)
        lines += _member(member)
    return "\n".join([*lines, "}", ""])


def _doc(doc: str) -> list[str]:
    return [f"/// {line}".rstrip() for line in doc.split("\n")] if doc else []


def _member(member: syntax.Definition | syntax.Function) -> Iterator[str]:
    head = text_label(member.head.label)
    yield from _doc(member.head.doc)
    match member:
        case syntax.Function():
            yield _function(member)
        case syntax.Record(fields=fields):
            listed = [
                "\n".join([*_doc(each.doc), f"{text_label(each.name.text)}: {written(each.type)}"])
                for each in fields
            ]
            yield f"record {head} {{\n{_joined(listed)}\n}}"
        case syntax.Variant(cases=cases) | syntax.Enum(cases=cases) | syntax.Flags(flags=cases):
            listed = []
            for each in cases:
                payload = f"({written(each.type)})" if each.type else ""
                listed.append("\n".join([*_doc(each.doc), f"{text_label(each.name.text)}{payload}"]))
            yield f"{type(member).__name__.lower()} {head} {{\n{_joined(listed)}\n}}"
        case syntax.Alias(type=alias):
            yield f"type {head} = {written(alias)};"
        case syntax.Resource(functions=inner):
            yield f"resource {head} {{"
            for function in inner:
                yield from _doc(function.head.doc)
                yield _function(function)
            yield "}"


def _joined(listed: Sequence[str]) -> str:
    return ",\n".join(listed)


def _function(function: syntax.Function) -> str:
    params = ", ".join(f"{text_label(each.name.text)}: {written(each.type)}" for each in function.params)
    result = f" -> {written(function.result)}" if function.result else ""
    if function.kind == "constructor":
        return f"constructor({params}){result};"
    static = "static " if function.kind == "static" else ""
    return f"{text_label(function.head.label)}: {static}func({params}){result};"


def written(type: syntax.Type) -> str:
    match type:
        case syntax.Primitive(each):
            return each
        case syntax.Named(label):
            return text_label(label.text)
        case syntax.Handle(label, borrowed):
            return f"{'borrow' if borrowed else 'own'}<{text_label(label.text)}>"
        case syntax.ListOf(element):
            return f"list<{written(element)}>"
        case syntax.OptionOf(some):
            return f"option<{written(some)}>"
        case syntax.TupleOf(items):
            return f"tuple<{', '.join(map(written, items))}>"
        case syntax.ResultOf(None, None):
            return "result"
        case syntax.ResultOf(ok, None):
            assert ok
            return f"result<{written(ok)}>"
        case syntax.ResultOf(ok, error):
            assert error
            return f"result<{written(ok) if ok else '_'}, {written(error)}>"
        case _:
            raise AssertionError(type)
