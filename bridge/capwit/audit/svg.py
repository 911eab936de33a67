"""Elements of a page and of a drawing. Names come from anywhere: no text here can be more than text."""

from __future__ import annotations

from typing import Final
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element

_CHARACTER: Final = 6.3  # pixels, of text of 11 px


def clean(text: str) -> str:
    """Return text with everything in it visible: nothing that XML forbids, or that turns the line around."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def el(tag: str, *children: Element | str, **attributes: object) -> Element:
    """Return an element; `stroke_width=1` is the attribute `stroke-width`, `class_` is `class`."""
    element = Element(
        tag,
        {name.rstrip("_").replace("_", "-"): clean(_number(value)) for name, value in attributes.items()},
    )
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            element.append(child)
            last = child
        elif last is None:
            element.text = (element.text or "") + clean(child)
        else:
            last.tail = (last.tail or "") + clean(child)
    return element


def drawing(kind: str, title: str, *parts: Element, width: float, height: float) -> Element:
    """Return a drawing of its own: what it shows is its title."""
    return el(
        "svg",
        el("title", title),
        *parts,
        class_=kind,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        width=width,
        height=height,
        viewBox=f"0 0 {width:.0f} {height:.0f}",
    )


def _number(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def width_of(text: str) -> float:
    """Return about how wide text of 11 px is, in pixels."""
    return sum(2.0 if east_asian_width(c) in "WF" else 1.0 for c in text) * _CHARACTER


def cut(text: str, length: int) -> str:
    """Return text of at most `length` characters."""
    return text if len(text) <= length else f"{text[: length - 1]}\u2026"


def plural(count: int, noun: str) -> str:
    """Return `1 handle`, `2 handles`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
