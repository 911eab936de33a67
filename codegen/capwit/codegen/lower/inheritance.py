"""What interfaces get from those that they extend: methods, and handles of the same capability."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from capwit.codegen import model
from capwit.codegen.base import names
from capwit.codegen.base.graph import components, is_loop
from capwit.codegen.lower.naming import MEND, Labels, Namespace, hyphens
from capwit.codegen.lower.select import kept
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import Interface, Method, Node, Schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


MAX_ANCESTORS: Final = 64
"""How many interfaces one may extend in all: Cap'n Proto's own libraries follow no more."""


class Inheritance:
    """Who extends whom."""

    def __init__(self, schema: Schema, labels: Labels, nodes: Iterable[Node]) -> None:
        """Looks at the interfaces among `nodes`."""
        self.schema = schema
        self.labels = labels
        self.interfaces = {node.id: node.body for node in nodes if isinstance(node.body, Interface)}
        self.supers = {
            id: tuple(dict.fromkeys(use.id for use in body.superclasses if use.id in self.interfaces))
            for id, body in self.interfaces.items()
        }
        for id, bases in self.supers.items():
            for base in bases:
                if Wit.RESOURCE in schema.node(base).annotations:
                    message = (
                        f"it extends {schema.node(base).name}, which is a resource that WIT knows already"
                    )
                    raise schema.error(id, "", message, "let a method return one")
        self.ancestors: dict[int, tuple[int, ...]] = {}
        self.depths: dict[int, int] = {}
        for component in components(self.supers):
            if is_loop(component, self.supers):
                raise schema.error(component[0], "", "it extends itself", "take it out of what it extends")
            [id] = component  # behind all that it extends
            above = [each for base in self.supers[id] for each in (*self.ancestors[base], base)]
            self.ancestors[id] = tuple(dict.fromkeys(above))
            if len(self.ancestors[id]) > MAX_ANCESTORS:
                message = f"it extends more than {MAX_ANCESTORS} interfaces, directly or by way of others"
                raise schema.error(id, "", message, "extend fewer")
            self.depths[id] = 1 + max((self.depths[base] for base in self.supers[id]), default=0)

    def inherit(self, node: Node, resources: Mapping[int, model.Resource]) -> model.Resource:
        """An interface's resource, among those of all interfaces, with what it inherits."""
        own = resources[node.id]
        above = self.ancestors[node.id]
        if not above:
            return own
        members = Namespace(self.schema, "name", {own.names.label: "that of its own resource"})
        for ancestor in above:
            for member in self._methods(ancestor):
                self._claim(members, node, ancestor, member)
        for member in self._methods(node.id):
            members.claim(self.labels.member(node.id, member), node.id, member.name)
        casts = []
        for id in (*above, node.id):
            label = members.claim(f"as-{self.labels.node(self.schema.node(id))}", node.id)
            casts.append(model.Cast(label, names.attribute(label), model.Key(id)))
        return replace(
            own,
            inherited=tuple(method for id in above for method in resources[id].methods),
            bases=tuple(map(model.Key, self._bases(node.id))),
            casts=tuple(casts),
        )

    def _methods(self, id: int) -> tuple[Method, ...]:
        return kept(self.interfaces[id].methods)

    def _claim(self, members: Namespace, node: Node, ancestor: int, member: Method) -> None:
        """Takes the name of an inherited method; two of one name are the fault of who extends both."""
        label = self.labels.member(ancestor, member)
        if members.is_taken(label):
            message = f"it inherits a method {label!r}, and that is its own name in WIT"
            raise self.schema.error(node.id, "", message, f'name one of the two with {Wit.NAME}("...")')
        if owner := members.owner(label):
            claimed, one = owner
            other = self.schema.error(ancestor, member.name, message="")
            message = (
                f"it inherits two methods {label!r}: {one.name} at {one.location}"
                f" and {other.name} at {other.location}{hyphens(label, claimed)}"
            )
            raise self.schema.error(node.id, "", message, MEND)
        members.claim(label, ancestor, member.name)

    def _bases(self, id: int) -> list[int]:
        """What it extends itself, but not by way of another; deepest first, so that Python can order all."""
        inner = {each for base in self.supers[id] for each in self.ancestors[base]}
        bases = [base for base in self.supers[id] if base not in inner]
        return sorted(bases, key=lambda base: (-self.depths[base], base))
