"""What carries one method's calls across: made once for each method."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import capnp
from capwit.bridge.errors import ConversionError
from capwit.bridge.table import client_class
from capwit.engine.types import Field, Own, Record

from . import read, write
from .message import unreadable
from .schema import STREAM_RESULT, Schemas

if TYPE_CHECKING:
    from capwit.bridge.binding import Client, Method

_plans: dict[int, Plan] = {}  # by the method's identity: to hash one takes long


def plan_of(method: Method[Any]) -> Plan:
    """Return the plan of a method."""
    plan = _plans.get(id(method))
    if plan is None:
        plan = _plans[id(method)] = Plan(method)
    return plan


class Plan:
    """A method as Cap'n Proto has it, and the conversions of its parameters and results.

    Attributes:
        name: the method's name in the schema.
        params_id: the id of the struct of its parameters.
        returns: whether there is anything in its results.
    """

    def __init__(self, method: Method[Any], schemas: Schemas | None = None) -> None:
        """Look a method up in its own schema, or in `schemas`, which have it too."""
        self.method = method
        interface = method.interface
        self._schemas = schemas or Schemas.of(interface.client.__module__)
        self.name = self._schemas.names.method(interface.type_id, method.label)
        found = self._schemas.interface(interface).methods[self.name]
        self._params, self._results = found.param_type, found.result_type
        self.params_id: int = self._params.node.id
        self.streams = self._results.node.id == STREAM_RESULT
        self.returns = method.result is not None

    @cached_property
    def pipelined(self) -> str:
        """The field of the results that has the capability of a method that is pipelined."""
        [held] = self._schemas.names.members(self._results.node.id).lasting
        return held.name

    @cached_property
    def returned(self) -> type[Client]:
        """The client of that capability."""
        assert isinstance(self.method.result, Own)
        return client_class(self.method.result.resource)

    def write_arguments(self, request: Any, arguments: tuple[Any, ...], crossing: Any) -> None:
        """Write the arguments of a call. Raises `ConversionError`."""
        try:
            self._write_arguments(request, arguments, crossing)
        except write.MISFITS as error:
            named = Record(tuple(Field(each.label, each.type, each.label) for each in self.method.params))
            given = {each.label: value for each, value in zip(self.method.params, arguments, strict=True)}
            raise write.fault(named, given, "arguments", error) from None

    def read_arguments(self, params: Any, crossing: Any) -> tuple[Any, ...]:
        """Read the arguments of a peer's call. Raises `ConversionError`."""
        return tuple(self._checked(self._read_arguments, params, crossing, "parameters"))

    def write_results(self, results: Any, value: Any, crossing: Any) -> None:
        """Write what a method returned. Raises `ConversionError`."""
        assert self.method.result is not None
        try:
            self._write_results(results, value, crossing)
        except write.MISFITS as error:
            raise write.fault(self.method.result, value, "result", error) from None

    def read_results(self, results: Any, crossing: Any) -> Any:
        """Read what a peer's method returned. Raises `ConversionError`."""
        return self._checked(self._read_results, results, crossing, "results") if self.returns else None

    def _checked(self, function: read.Read, reader: Any, crossing: Any, what: str) -> Any:
        try:
            return function(reader, crossing)
        except UnicodeDecodeError:
            raise ConversionError(f"its {what}: a Text in them is not UTF-8") from None
        except capnp.KjException as error:
            raise unreadable(f"its {what}", error) from None

    @cached_property
    def _write_arguments(self) -> write.Write:
        return write.arguments_writer(self._schemas, self.method.params, self._params)

    @cached_property
    def _read_arguments(self) -> read.Read:
        return read.arguments_reader(self._schemas, self.method.params, self._params)

    @cached_property
    def _write_results(self) -> write.Write:
        assert self.method.result is not None
        return write.result_writer(self._schemas, self.method.result, self._results)

    @cached_property
    def _read_results(self) -> read.Read:
        assert self.method.result is not None
        return read.result_reader(self._schemas, self.method.result, self._results)
