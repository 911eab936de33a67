"""Who is called what: labels for declarations, and one owner of every collision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from capwit.codegen.base import names
from capwit.codegen.errors import GenerateError
from capwit.codegen.model import Names
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import AnyPointer, Builtin, ListOf, Parameter, Use

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from capwit.codegen.schema.nodes import Member, Node, Schema, Type, Value

MEND = f'give one of them another name with {Wit.NAME}("...")'


_ANY: Final = {"AnyPointer": "any", "Capability": "cap"}


class Namespace:
    """The names of one scope, and the declaration (and member) that each was claimed by."""

    def __init__(
        self,
        schema: Schema,
        what: str,
        taken: Mapping[str, str] | None = None,
        *,
        key: Callable[[str], str] = names.canonical,
    ) -> None:
        """A scope in which names stand for `what`; `taken` tells why some are not free.

        Two names are one where their `key` is: WIT's, unless another is given.
        """
        self.schema = schema
        self.what = what
        self.key = key
        self.taken = {key(name): (name, why) for name, why in (taken or {}).items()}
        self.claimed: dict[str, tuple[str, int, str]] = {}

    def __contains__(self, name: str) -> bool:
        """Whether a declaration has the name."""
        return self.key(name) in self.claimed

    def is_taken(self, name: str) -> bool:
        """Whether the name was never free."""
        return self.key(name) in self.taken

    def owner(self, name: str) -> tuple[str, GenerateError] | None:
        """Who has the name: as it was claimed, and an error without a message at the one who did."""
        if (found := self.claimed.get(self.key(name))) is None:
            return None
        claimed, id, member = found
        return claimed, self.schema.error(id, member, message="")

    def claim(self, name: str, id: int, member: str = "") -> str:
        """Takes a name for a declaration or a member of it; a `GenerateError` if it is not free."""
        if self.is_taken(name):
            reserved, why = self.taken[self.key(name)]
            message = f"the {self.what} {name!r} is {why}{hyphens(name, reserved)}"
            raise self.schema.error(id, member, message, f'give it another name with {Wit.NAME}("...")')
        if owner := self.owner(name):
            claimed, other = owner
            message = (
                f"the {self.what} {name!r} is also that of {other.name or 'the file'} at {other.location}"
                f"{hyphens(name, claimed)}"
            )
            raise self.schema.error(id, member, message, MEND)
        self.claimed[self.key(name)] = (name, id, member)
        return name


def hyphens(name: str, other: str) -> str:
    """What a message has behind it where two names that fall together are not spelled alike."""
    return f": {other!r}, and WIT tells no names apart by their hyphens" if name != other else ""


class FileScope:
    """The names that the definitions of one file bear, in its WIT interface and in its Python module."""

    def __init__(self, schema: Schema) -> None:
        """A scope in which nothing is defined."""
        self.labels = Namespace(schema, "WIT name", {"cap-error": "that of what a call fails with"})
        self.python = Namespace(schema, "Python class", key=str)

    def define(self, label: str, id: int) -> Names:
        """Names a definition that comes of the declaration `id`."""
        self.labels.claim(label, id)
        return Names(label, self.cls(names.pascal(label), id))

    def cls(self, name: str, id: int, member: str = "") -> str:
        """Names a class."""
        return self.python.claim(names.escape(name, names.MODULE_NAMES), id, member)

    def case(self, variant: str, label: str, id: int) -> str:
        """Names the class of a variant's case: `ShapeBox`, or `ShapeBoxCase` where that is a type.

        All types of the file are to be named before.
        """
        name = names.pascal(f"{variant}-{label}")
        return self.cls(f"{name}Case" if name in self.python else name, id)


class Labels:
    """The WIT labels of a schema's declarations and members."""

    def __init__(self, schema: Schema) -> None:
        """Names everything in `schema`."""
        self.schema = schema
        self.nodes: dict[int, str] = {}

    def node(self, node: Node) -> str:
        """A declaration's label: `$Wit.name`'s, or its own behind that of the declaration around it."""
        chain = [node]
        while chain[-1].id not in self.nodes and chain[-1].parent:
            chain.append(self.schema.node(chain[-1].parent))
        for each in reversed(chain):
            if each.id not in self.nodes:
                self.nodes[each.id] = self._scoped(each)
        return self.nodes[node.id]

    def _scoped(self, node: Node) -> str:
        if not node.path:
            return ""
        if given := node.annotations.get(Wit.NAME):
            return f"{self.check(given, node.id)}{self._bound(node)}"
        own = node.path[-1].partition("$")[0]
        member = self.schema.member(node.parent, own)
        label = self.member(node.parent, member) if member else self.check(names.kebab(own), node.id)
        if node.inline:
            label += "-params" if node.path[-1].endswith("$Params") else "-results"
        label += self._bound(node)
        scope = self.nodes[node.parent]
        return f"{scope}-{label}" if scope else label

    def _bound(self, node: Node) -> str:
        """What the label of a generic's brand has behind it: `-text-data` of `map-text-data`."""
        if all(isinstance(type, AnyPointer) for type in node.brand):
            return ""
        return "".join(f"-{self._argument(type)}" for type in node.brand)

    def _argument(self, type: Type) -> str:
        match type:
            case ListOf(element):
                return f"list-{self._argument(element)}"
            case Use(id):
                return self.node(self.schema.node(id))
            case AnyPointer(name):
                return _ANY.get(name, names.kebab(name))
            case Builtin(name):
                return name
            case Parameter():
                raise AssertionError(f"{type} was bound by capwit.codegen.lower.brands")
            case _:
                assert_never(type)

    def member(self, id: int, member: Member) -> str:
        """The label of a field, enumerant or method of the declaration `id`."""
        given = member.annotations.get(Wit.NAME)
        return self.check(given or names.kebab(member.name), id, member.name)

    def world(self, node: Node, by: Wit) -> str:
        """The name of the world that a declaration is given by an annotation."""
        return self.check(node.annotations[by], node.id, by=by)

    def check(self, label: Value, id: int, member: str = "", by: Wit = Wit.NAME) -> str:
        """A label that is a legal one; if it is none, the annotation `by` is where it belongs."""
        if isinstance(label, str) and names.LABEL.fullmatch(label):
            return label
        message = f"{label!r} is not a WIT name: lower-case words joined by hyphens, beginning with a letter"
        kebab = names.kebab(label) if isinstance(label, str) else ""
        right = kebab if names.LABEL.fullmatch(kebab) else "..."
        raise self.schema.error(id, member, message, f'name it with {by}("{right}")')


def package_name(schema: Schema, file: int) -> tuple[str, str]:
    """The name and version of a file's WIT package."""
    given = schema.node(file).annotations.get(Wit.PACKAGE)
    source = schema.files[file]
    text = given if given is not None else f"capnp:{names.file_label(source.path.stem)}@0.1.0"
    found = names.PACKAGE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        message = f"{text!r} is not the name of a WIT package"
        mend = f'name it like this: {Wit.PACKAGE}("demo:kv@0.1.0")'
        raise package_error(schema, file, message, mend)
    return found["name"], found["version"] or ""


def package_error(schema: Schema, file: int, message: str, mend: str) -> GenerateError:
    """An error at what names a file's WIT package."""
    return GenerateError(*schema.locate(file, "$package"), str(Wit.PACKAGE), message, mend)
