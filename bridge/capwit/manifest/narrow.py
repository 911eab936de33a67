"""How a manifest narrows a grant: a policy as data, its guards too."""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from capwit.bridge.policy import PerMethod, Policy, reachable
from capwit.engine.types import Enum, List, Option, Prim, Record, String, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.bridge.binding import Interface, Method

# What is asked of one argument, by the names of `RULES`.
Rules: TypeAlias = Mapping[str, Any]


class Rule(NamedTuple):
    """One thing that can be asked of an argument.

    Attributes:
        expected: what the manifest has to say, to be read after that word.
        says: whether a value of the manifest says it.
        fits: whether it can be asked of a type.
        holds: whether it is so, of an argument and what the manifest says.
    """

    expected: str
    says: Callable[[Any], bool]
    fits: Callable[[Type], bool]
    holds: Callable[[Any, Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not isnan(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _among(value: Any, known: Sequence[Any]) -> bool:
    return any(_same(value, each) for each in known)


def _same(value: Any, said: Any) -> bool:
    return isinstance(value, bool) == isinstance(said, bool) and value == said


def _is_text(type: Type) -> bool:
    return isinstance(type, String)


def _counts(type: Type) -> bool:
    return isinstance(type, Prim) and type.name not in ("bool", "char")


RULES: Final[dict[str, Rule]] = {
    "prefix": Rule("a text", lambda said: isinstance(said, str), _is_text, str.startswith),
    "equals": Rule(
        "a text, a number, true or false", _is_plain, lambda of: isinstance(of, String | Prim | Enum), _same
    ),
    "one_of": Rule(
        "a list of texts or numbers",
        lambda said: isinstance(said, list) and all(map(_is_plain, said)),
        lambda of: isinstance(of, String | Prim | Enum),
        _among,
    ),
    "min": Rule("a number", _is_number, _counts, operator.ge),
    "max": Rule("a number", _is_number, _counts, operator.le),
    "longest": Rule(
        "a whole number",
        lambda said: type(said) is int and said >= 0,
        lambda of: isinstance(of, String | List),
        lambda value, most: len(value) <= most,
    ),
}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A policy whose guards are data.

    Attributes:
        policy: all but the guards.
        guards: what is asked of arguments: by method, then by parameter, or by the path to a field of it.
    """

    policy: Policy
    guards: Mapping[str, Mapping[str, Rules]] = field(default_factory=dict)

    def of(self, interfaces: Sequence[Interface]) -> Policy:
        """Return the policy of a grant of these interfaces.

        Raises:
            ValueError: a method or parameter that there is not, or a rule that does not fit its type; the
                message begins with the key.
        """
        for key in ("allow", "deny"):
            names = getattr(self.policy, key)
            try:
                Policy(**{key: names}).check(*interfaces)
            except ValueError as error:
                raise ValueError(f"{key}: {error}") from None
        methods = reachable(*interfaces)
        guards = {}
        for name, rules in self.guards.items():
            named = [method for method in methods if str(method) == name]
            if not named:
                known = ", ".join(sorted({*map(str, methods)}))
                raise ValueError(f'guards."{name}": there is no such method. Mend: one of {known}')
            guard = guards[name] = PerMethod(partial(_guard, places=rules))
            for method in named:
                guard.make(method)
        return replace(self.policy, guards=guards)

    def __str__(self) -> str:
        """Show what it says, in the manifest's words."""
        said = []
        for key in ("allow", "deny", "calls", "bytes", "in_flight", "deadline", "expires"):
            value = getattr(self.policy, key)
            if value not in (None, ()) or (key == "allow" and value == ()):
                said.append(f"{key} {', '.join(value) or 'nothing' if isinstance(value, tuple) else value}")
        said += [
            f"{method} {place} {rule} {value!r}"
            for method, places in self.guards.items()
            for place, rules in places.items()
            for rule, value in rules.items()
        ]
        return "; ".join(said)


def _guard(method: Method[Any], places: Mapping[str, Rules]) -> Callable[..., bool]:
    checks = []
    for place, rules in places.items():
        index, steps, type = _find(method, place)
        for rule, said in rules.items():
            if not RULES[rule].fits(type):
                raise ValueError(
                    f'guards."{method}".{place}.{rule}: it cannot be asked of this parameter\'s type. Mend: '
                    + (", ".join(name for name, known in RULES.items() if known.fits(type)) or "no rule can")
                )
            checks.append((index, steps, RULES[rule].holds, said))

    def guard(*arguments: Any) -> bool:
        for index, steps, holds, said in checks:
            value = arguments[index]
            for step in steps:
                value = getattr(value, step)
            if isinstance(value, enum.Enum):
                value = value.value
            if value is None or not holds(value, said):
                return False
        return True

    return guard


def _find(method: Method[Any], place: str) -> tuple[int, tuple[str, ...], Type]:
    """Return a parameter's number, the attributes that lead to the field of it, and the field's type."""
    label, *labels = place.split(".")
    names = [param.label for param in method.params]
    if label not in names:
        known = ", ".join(names) or "it has none"
        raise ValueError(f'guards."{method}".{place}: there is no such parameter. Mend: one of {known}')
    index = names.index(label)
    type, steps = _some(method.params[index].type), []
    for label in labels:
        found = None
        if isinstance(type, Record) and type.spread is None:
            found = next((each for each in type.fields if each.label == label), None)
        if found is None:
            raise ValueError(f'guards."{method}".{place}: there is no field {label!r}')
        steps.append(found.attribute)
        type = _some(found.type)
    return index, tuple(steps), type


def _some(type: Type) -> Type:
    return type.some if isinstance(type, Option) else type
