"""The schema's own names, by those that WIT and Python have for them: what bridge files tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a struct: its name in the schema, and its number in the struct's union, if it is in that."""

    name: str
    discriminant: int | None


@dataclass(frozen=True, slots=True)
class Members:
    """A struct's fields by WIT label, without those that the WIT has not."""

    plain: Mapping[str, Member]
    union: Mapping[str, Member]
    lasting: tuple[Member, ...]
    """The plain ones that have a value: neither `Void` nor a struct of which nothing is left."""


class Names:
    """All declarations of some bridge files."""

    def __init__(self) -> None:
        """Know none yet."""
        self._declarations: dict[int, dict[str, Any]] = {}
        self._labels: dict[tuple[str, str], tuple[int, list[Any]]] = {}
        self._members: dict[int, Members] = {}
        self._vanishing: dict[int, bool] = {}

    def add(self, module: str, content: Mapping[str, Any]) -> None:
        """Take in the bridge file of a generated module."""
        for declaration in content["declarations"]:
            id = int(declaration["id"], 16)
            self._declarations.setdefault(id, declaration)
            if declaration["wit"]:
                self._labels[module, declaration["wit"]] = id, []
        for brand in content.get("brands", ()):
            self._labels[module, brand["wit"]] = int(brand["id"], 16), brand["arguments"]

    def find(self, module: str, label: str) -> tuple[int, list[Any]] | None:
        """Return which declaration a WIT name of a module stands for, and what it is bound to."""
        return self._labels.get((module, label))

    def arguments(self, module: str, label: str) -> list[Any]:
        """Return what the parameters of a WIT name's generic are bound to; nothing if it is none."""
        found = self.find(module, label)
        return found[1] if found else []

    def members(self, id: int) -> Members:
        """Return the fields of a struct."""
        known = self._members.get(id)
        if known is None:
            plain: dict[str, Member] = {}
            union: dict[str, Member] = {}
            lasting: list[Member] = []
            for field in self._declarations[id]["fields"]:
                if field["wit"] is None:
                    continue
                member = Member(field["name"], field.get("discriminant"))
                (plain if member.discriminant is None else union)[field["wit"]] = member
                if member.discriminant is None and not self._is_void(field["type"]):
                    lasting.append(member)
            known = self._members[id] = Members(plain, union, tuple(lasting))
        return known

    def method(self, id: int, label: str) -> str:
        """Return the schema's name of an interface's own method."""
        listed = self._declarations[id]["methods"]
        return next(str(each["name"]) for each in listed if each["wit"] == label)

    def enumerants(self, id: int) -> dict[str, int]:
        """Return the numbers of an enum's members, by WIT label."""
        listed = self._declarations[id]["enumerants"]
        return {each["wit"]: each["ordinal"] for each in listed if each["wit"] is not None}

    def _is_void(self, type: Any) -> bool:
        match type:
            case "void":
                return True
            case {"use": id} | {"group": id}:
                return self._vanishes(int(id, 16))
            case _:
                return False

    def _vanishes(self, id: int) -> bool:
        """Return whether nothing is left of a struct."""
        declaration = self._declarations.get(id, {})
        if "fields" not in declaration:
            return False
        if id not in self._vanishing:
            self._vanishing[id] = False  # one that contains itself does not
            kept = [field for field in declaration["fields"] if field["wit"] is not None]
            self._vanishing[id] = all(
                "discriminant" not in field and self._is_void(field["type"]) for field in kept
            )
        return self._vanishing[id]
