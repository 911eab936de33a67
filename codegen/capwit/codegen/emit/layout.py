"""Python source, broken into lines as a formatter would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH: Final = 110


@dataclass(frozen=True, slots=True)
class Group:
    """`opening item, item, ... closing`: on one line where it fits, else one item a line.

    `trailing` says that one item has a comma behind it even on one line: a tuple.
    """

    opening: str
    items: tuple[Expression, ...]
    closing: str
    trailing: bool = False


Expression: TypeAlias = str | Group


def call(function: str, *items: Expression) -> Group:
    """`function(item, ...)`."""
    return Group(f"{function}(", items, ")")


def tuple_of(items: Sequence[Expression]) -> Group:
    """`(item, ...)`."""
    return Group("(", tuple(items), ")", trailing=len(items) == 1)


def keyword(name: str, value: Expression) -> Expression:
    """`name=value`, as an argument."""
    return prefixed(f"{name}=", value)


def prefixed(prefix: str, value: Expression, suffix: str = "") -> Expression:
    """An expression with text before and behind it on its first and last line."""
    if isinstance(value, str):
        return f"{prefix}{value}{suffix}"
    return Group(f"{prefix}{value.opening}", value.items, f"{value.closing}{suffix}", value.trailing)


def dict_of(items: Sequence[Expression]) -> Group:
    """`{item, ...}`."""
    return Group("{", tuple(items), "}")


def lines(expression: Expression, indent: int = 0, column: int = 0) -> list[str]:
    """The lines of an expression, indented by `indent` spaces in text that will begin at `column`."""
    pad = " " * indent
    line = pad + flat(expression)
    if isinstance(expression, str) or len(line) + column <= WIDTH or not expression.items:
        return [line]
    inner = [line for item in expression.items for line in lines(prefixed("", item, ","), indent + 4, column)]
    return [pad + expression.opening, *inner, pad + expression.closing]


def assigned(name: str, generic: str, argument: str, value: Group) -> list[str]:
    """`name: generic[argument] = value`: where that has no room for the head of the value, it is broken."""
    head = f"{name}: {generic}[{argument}] = "
    if len(head) + len(value.opening) <= WIDTH:
        return lines(prefixed(head, value))
    if len(head) < WIDTH:
        return [f"{head}(", *lines(value, 4), ")"]
    return [f"{name}: {generic}[", f"    {argument}", *lines(prefixed("] = ", value))]


def flat(expression: Expression) -> str:
    """An expression on one line."""
    if isinstance(expression, str):
        return expression
    items = ", ".join(flat(item) for item in expression.items)
    return f"{expression.opening}{items}{',' if expression.trailing else ''}{expression.closing}"
