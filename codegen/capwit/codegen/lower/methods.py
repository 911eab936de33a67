"""Interfaces as resources: their own methods. What they extend is `inheritance`'s."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from capwit.codegen import model
from capwit.codegen.base import docs, names
from capwit.codegen.lower.foreign import foreign_resource
from capwit.codegen.lower.naming import FileScope, Namespace
from capwit.codegen.lower.select import kept
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import STREAM_RESULT, Field, Interface, Method, Node, Struct

if TYPE_CHECKING:
    from capwit.codegen.lower.shapes import Shapes

_FUNCTION: Final = re.compile(r"(\[constructor\]|\[static\][a-zA-Z0-9-]+\.)?[a-zA-Z0-9-]+")


class Methods:
    """The resources of one file."""

    def __init__(self, shapes: Shapes, scope: FileScope) -> None:
        """Resources made of `shapes`, and named in `scope`."""
        self.shapes = shapes
        self.schema = shapes.schema
        self.labels = shapes.labels
        self.scope = scope

    def resource(
        self, node: Node, body: Interface, exports: tuple[str, ...], imported: bool
    ) -> model.Resource:
        """An interface; the records of its methods' results are added to the shapes' definitions.

        `imported` tells whether components have handles of it even where they export it.
        """
        label = self.labels.node(node)
        named = self.scope.define(label, node.id)
        foreign = foreign_resource(self.schema, node, body)
        client = self.scope.cls(f"{names.pascal(label)}Client", node.id)
        members = Namespace(self.schema, "name", {label: "that of its own resource"})
        methods = []
        for method in kept(body.methods):
            name = members.claim(self.labels.member(node.id, method), node.id, method.name)
            methods.append(self._method(node, method, name))
        return model.Resource(
            key=model.Key(node.id),
            names=named,
            client=client,
            doc=docs.clean(node.doc),
            type_id=node.id if node.origin is None else node.origin,
            methods=tuple(methods),
            inherited=(),
            bases=(),
            casts=(),
            declared=foreign is None and (imported or not exports),
            exports=exports,
            foreign=foreign,
        )

    def _method(self, node: Node, method: Method, label: str) -> model.Method:
        params, notes = self._params(node, method)
        result = self._result(node, method)
        pipelined = Wit.PIPELINE in method.annotations
        if pipelined and not isinstance(result, model.Own):
            raise self.schema.error(
                node.id,
                method.name,
                f"{Wit.PIPELINE} is for a method that returns one capability, and nothing else",
                "take it away, or let what else is returned be had by another method",
            )
        return model.Method(
            label=label,
            attribute=names.escape(names.attribute(label), names.CLIENT_ATTRIBUTES),
            doc=docs.joined(docs.clean(method.doc), notes),
            params=tuple(params),
            result=result,
            pipelined=pipelined,
            function=self._function(node, method),
        )

    def _function(self, node: Node, method: Method) -> str:
        """What the method stands for in the WIT that the schema was exported from, or nothing."""
        given = method.annotations.get(Wit.FUNCTION, "")
        if given == "" or (isinstance(given, str) and _FUNCTION.fullmatch(given)):
            return str(given)
        raise self.schema.error(
            node.id,
            method.name,
            f"{Wit.FUNCTION} names no function of a WIT interface",
            'name it as a component does: "load", "[constructor]basket" or "[static]basket.load"',
        )

    def _params(self, node: Node, method: Method) -> tuple[list[model.Field], str]:
        """The parameters, and what there is to tell of their defaults."""
        struct, fields = self._struct(method.params.id, node, method)
        if not struct.inline:
            type = self.shapes.type(method.params, node.id, method.name)
            return [model.Field("params", "params", type, "")] if type else [], ""
        members = Namespace(self.schema, "name", {"self": "that of the resource itself"})
        params = []
        notes = []
        for field in kept(fields):
            label = members.claim(self.labels.member(struct.id, field), struct.id, field.name)
            type = self._param(struct, field)
            if type is not None:
                params.append(model.Field(label, names.attribute(label), type, ""))
            if default := self.shapes.default(field):
                notes.append(f"`{label}` defaults to {default}.")
        return params, "\n".join(notes)

    def _param(self, struct: Node, field: Field) -> model.Type | None:
        type = self.shapes.type(field.type, struct.id, field.name)
        if isinstance(type, model.Own):
            self.shapes.refuse(field, struct.id, Wit.REQUIRED, Wit.OPTIONAL)
            return type if Wit.TRANSFER in field.annotations else model.Borrow(type.key)
        self.shapes.refuse(field, struct.id, Wit.REQUIRED, Wit.OPTIONAL, Wit.TRANSFER)
        return type

    def _result(self, node: Node, method: Method) -> model.Type | None:
        if method.results.id == STREAM_RESULT:
            return None
        struct, fields = self._struct(method.results.id, node, method)
        if not struct.inline:
            return self.shapes.type(method.results, node.id, method.name)
        members = Namespace(self.schema, "name")
        results = []
        for field in kept(fields):
            self.shapes.refuse(field, struct.id, Wit.REQUIRED, Wit.OPTIONAL, Wit.TRANSFER)
            label = members.claim(self.labels.member(struct.id, field), struct.id, field.name)
            type = self.shapes.type(field.type, struct.id, field.name)
            if type is not None:
                doc = self.shapes.doc_of(struct, field)
                results.append(model.Field(label, names.attribute(label), type, doc))
        if len(results) < 2:
            return results[0].type if results else None
        resource = self.labels.node(node)
        doc = f"What `{self.labels.member(node.id, method)}` of `{resource}` returns."
        key = model.Key(struct.id)
        return self.shapes.record(key, self.shapes.define(self.labels.node(struct), key), doc, results)

    def _struct(self, id: int, node: Node, method: Method) -> tuple[Node, tuple[Field, ...]]:
        struct = self.schema.node(id)
        if not isinstance(struct.body, Struct):
            raise self.schema.error(node.id, method.name, f"{struct.name} is not a struct")
        return struct, struct.body.fields
