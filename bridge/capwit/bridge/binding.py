"""What generated bindings are made of.

A generated module describes its interfaces twice: as `Protocol`s, dataclasses and clients for people
and type checkers, and as the tables below for the bridge.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, NamedTuple, TypeAlias, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from capwit.engine.fault import find_fault
from capwit.engine.types import (
    BOOL,
    BYTES,
    CHAR,
    F32,
    F64,
    S8,
    S16,
    S32,
    S64,
    STRING,
    U8,
    U16,
    U32,
    U64,
    Borrow,
    Case,
    Enum,
    Field,
    Flags,
    Function,
    List,
    Option,
    Own,
    Param,
    Record,
    Resource,
    Result,
    Tuple,
    Type,
    Variant,
)

from .arena import Index, arena
from .capability import AnyClient, Client
from .convert import find_handles, map_handles, mapper, resources_in
from .crossing import as_client
from .errors import CapError, ErrorKind, GrantError, HandleError

if TYPE_CHECKING:
    from .convert import Mapper, Replace
    from .membrane import Membrane

__all__ = [
    "ANY_CAP",
    "ANY_VALUE",
    "BOOL",
    "BYTES",
    "CAP_ERROR",
    "CHAR",
    "F32",
    "F64",
    "S8",
    "S16",
    "S32",
    "S64",
    "STRING",
    "U8",
    "U16",
    "U32",
    "U64",
    "AnyClient",
    "AnyValue",
    "Bindings",
    "Borrow",
    "Case",
    "Client",
    "Enum",
    "Field",
    "Flags",
    "Grant",
    "Grants",
    "GrantsInterface",
    "GuestInterface",
    "Index",
    "Interface",
    "List",
    "MaybeAwaitable",
    "Method",
    "Option",
    "Own",
    "Record",
    "Result",
    "SchemaFile",
    "Tuple",
    "Type",
    "Variant",
    "arena",
    "check_format",
]

_FORMAT: Final = 1  # of generated modules: `capwit.codegen.emit.classes.FORMAT`
R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")

# What a method of an implementation returns: `def` and `async def` both do.
MaybeAwaitable: TypeAlias = T | Awaitable[T]

# The bad end of every generated method's result: `capwit:bridge/errors.cap-error`.
CAP_ERROR: Final = Record(
    (
        Field("kind", Enum(tuple(kind.value for kind in ErrorKind), ErrorKind, "error-kind"), "kind"),
        Field("reason", STRING, "reason"),
    ),
    CapError,
    "cap-error",
)


@dataclass(frozen=True, slots=True, eq=False)
class Method(Generic[R_co]):
    """One method: its WIT label, the Python attribute that implements it, its types.

    What a `pipelined` one returns is handed out before the answer has come, where that is far away. If it
    stands for no method of the WIT that the schema was exported from, `function` is how a component names it.
    """

    interface: Interface
    label: str
    attribute: str
    params: tuple[Param, ...]
    result: Type | None
    pipelined: bool = False
    function: str = ""
    carries: bool = field(init=False)  # whether any capability passes with a call, either way
    _there: tuple[Mapper | None, ...] = field(init=False, repr=False)
    _back: Mapper | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Look once into what a call passes."""
        there = tuple(mapper(param.type) for param in self.params)
        back = None if self.result is None else mapper(self.result)
        object.__setattr__(self, "_there", there)
        object.__setattr__(self, "_back", back)
        object.__setattr__(self, "carries", back is not None or any(there))

    def map_arguments(self, arguments: tuple[Any, ...], replace: Replace) -> tuple[Any, ...]:
        """Return a call's arguments with every capability in them replaced."""
        return tuple(
            argument if there is None or argument is None else there(argument, replace)
            for there, argument in zip(self._there, arguments, strict=True)
        )

    def map_result(self, result: Any, replace: Replace) -> Any:
        """Return a call's result with every capability in it replaced."""
        return result if self._back is None or result is None else self._back(result, replace)

    def leads_to(self) -> Iterator[Interface]:
        """Return the interfaces of the capabilities that a call's result holds."""
        if self.result is not None:
            for resource in resources_in(self.result):
                if resource.make is not None and issubclass(resource.make, Client):
                    yield resource.make.interface

    def type(self, receiver: Resource) -> Function:
        """Return the method's WIT type, with `receiver` as the resource it is called on."""
        return Function(
            (Param("self", Borrow(receiver)), *self.params),
            Result(self.result, CAP_ERROR),
        )

    def __str__(self) -> str:
        """Show the method as errors name it: `bucket.get`."""
        return f"{self.interface.name}.{self.label}"


class Interface:
    """A Cap'n Proto interface as a WIT resource."""

    def __init__(
        self,
        client: type[Client],
        interface: str,
        name: str,
        type_id: int,
        extends: tuple[Interface, ...] = (),
        exports: tuple[str, ...] = (),
        foreign: bool = False,
    ) -> None:
        """Describe the resource `name` of a WIT `interface`.

        `extends` are the interfaces whose methods it has, too, next to its own. `exports` are the WIT
        interfaces through which a component may implement it itself. `foreign` tells that it is none of a
        schema's own, but one that WIT knows already: its methods are served by whoever serves `interface`.
        """
        self.client = client
        self.interface = interface
        self.name = name
        self.type_id = type_id
        self.exports = exports
        self.foreign = foreign
        # What it extends may get its methods later: a view of them, not a copy.
        self.methods: ChainMap[str, Method[Any]] = ChainMap({}, *(each.methods for each in extends))
        self.lineage: dict[str, Interface] = {str(self): self}  # with all that it extends, by WIT name
        for each in extends:
            self.lineage |= each.lineage
        self.heirs: WeakSet[Interface] = WeakSet()  # itself and what extends it: who has its methods
        for each in self.lineage.values():
            each.heirs.add(self)
        self.lacked: WeakKeyDictionary[type, list[str]] = WeakKeyDictionary()  # by a class: known attributes
        self.resource = Resource(interface, name, make=client)
        self.own = Own(self.resource)
        self.borrow = Borrow(self.resource)
        client.interface = self

    def method(
        self,
        label: str,
        attribute: str,
        params: Mapping[str, Type],
        result: Type | None,
        *,
        pipelined: bool = False,
        function: str = "",
    ) -> Method[Any]:
        """Add a method, in the schema's order."""
        types = tuple(Param(name, type) for name, type in params.items())
        method: Method[Any] = Method(self, label, attribute, types, result, pipelined, function)
        self.methods[label] = method
        return method

    @property
    def has_functions(self) -> bool:
        """Whether its methods are the functions of a WIT interface that the schema was exported from."""
        return any(method.function for method in self.methods.values())

    def casts(self) -> dict[str, Interface]:
        """Return what a handle of it can be had as, by WIT label: `as-closable`."""
        if len(self.lineage) == 1:
            return {}
        return {f"as-{each.name}": each for each in self.lineage.values()}

    def __str__(self) -> str:
        """Show the interface as errors and the ledger name it."""
        return f"{self.interface}.{self.name}"


# A capability whose interface is not told.
ANY_CAP: Final = Interface(AnyClient, "capwit:bridge/errors@0.1.0", "any-cap", 0)


@dataclass(frozen=True, slots=True)
class AnyValue:
    """A value whose type is not told: an encoded message (empty: null), and the capabilities it names."""

    message: bytes
    caps: Sequence[AnyClient] = ()


ANY_VALUE: Final = Record(
    (Field("message", BYTES, "message"), Field("caps", List(ANY_CAP.own), "caps")), AnyValue, "any-value"
)


class Granted(NamedTuple):
    """One capability in a grants dataclass: the grant it belongs to, the path to it, its interface."""

    grant: str
    path: str
    interface: Interface
    capability: object


class Grants:
    """The base of a generated grants dataclass: what one component is given.

    Attributes:
        prefix: what stands before the names of its grants wherever they are told apart by name.
    """

    __slots__ = ()
    prefix: ClassVar[str] = ""
    grants_interface: ClassVar[GrantsInterface]

    def granted(self) -> set[str]:
        """Return the names of what is granted: the fields that are not None."""
        assert is_dataclass(self)
        return {self.prefix + each.name for each in fields(self) if getattr(self, each.name) is not None}

    def clients(self, membrane: Callable[[str], Membrane] | None = None) -> dict[str, Any]:
        """Return what is granted by name, each capability in it as a client.

        With `membrane`, each is on the other side of the one that it returns for the name.

        Raises:
            GrantError: a grant is not of its type.
        """

        def client(of: Own | Borrow, capability: Any) -> Any:
            if passed is None or of.resource.make is None:
                return as_client(of, capability)
            # A client without a reference of its own: the grant stays with the host.
            return passed.guard(of.resource.make(capability))

        clients = {}
        for grant, value in self._checked():
            passed = None if membrane is None else membrane(grant.attribute)
            clients[grant.attribute] = map_handles(grant.type, value, client)
        return clients

    def capabilities(self) -> Iterator[Granted]:
        """Yield every capability that is granted.

        Raises:
            GrantError: a grant is not of its type.
        """
        for grant, value in self._checked():
            for resource, capability, path in find_handles(grant.type, value, grant.attribute):
                assert resource.make is not None and issubclass(resource.make, Client)
                yield Granted(grant.attribute, path, resource.make.interface, capability)

    def _checked(self) -> Iterator[tuple[Grant, Any]]:
        for grant in type(self).grants_interface.grants.values():
            value = getattr(self, grant.attribute)
            if value is None:
                continue
            if misfit := find_misfit(grant.type, value, grant.attribute):
                raise GrantError(f"the grant `{grant.attribute}` does not fit: {misfit}")
            yield grant, value

    def guarded(self, membrane: Callable[[str], Membrane]) -> Grants:
        """Return the grants as an instance holds them, given the membrane of each name.

        What a grants interface hands out is guarded when it does: a front's grants do it here.
        """
        return self


def find_misfit(type: Type, value: object, path: str) -> str | None:
    """Return what is wrong with a granted value, or with a capability in it, with the path to it."""
    if fault := find_fault(type, value, path):
        return fault
    for resource, capability, place in find_handles(type, value, path):
        within = "" if place == path else f"{place}: "
        assert resource.make is not None and issubclass(resource.make, Client)
        if capability is None:
            return f"{within}it is missing. Mend: grant a {resource.make.interface} there"
        try:
            resource.make(capability)
        except (TypeError, HandleError) as error:
            return f"{within}{error}"
    return None


@dataclass(frozen=True, slots=True)
class Grant:
    """One field of a grants dataclass: its attribute, the WIT function that hands it out, its type."""

    attribute: str
    label: str
    type: Type


class GrantsInterface:
    """The WIT interface through which a component gets its grants."""

    def __init__(self, make: type[Grants], interface: str, grants: tuple[Grant, ...]) -> None:
        """Describe the `interface` that hands out the fields of `make`."""
        self.make = make
        self.interface = interface
        self.grants = {grant.label: grant for grant in grants}
        make.grants_interface = self

    def asked_by(self, functions: Iterable[str]) -> tuple[str, ...]:
        """Return the labels of the grants that a component asks for which imports these functions."""
        return tuple(functions)


@dataclass(frozen=True, slots=True, eq=False)
class GuestInterface:
    """An interface that guests implement with objects of their own, which they know by numbers.

    Through the WIT interface `imports` they make handles of them; `exports` is where these are called and
    released.
    """

    interface: Interface
    imports: str
    exports: str


def check_format(module: str, format: int) -> None:
    """Check that a generated module is made of what is here.

    Raises:
        ImportError: it was generated by a capwit of another format.
    """
    if format != _FORMAT:
        raise ImportError(
            f"{module}: generated by {'a newer' if format > _FORMAT else 'an older'} capwit than this one. "
            "Mend: run `capwit generate` again, or use that capwit"
        )


class SchemaFile:
    """The bridge file beside a generated module, which has the schema as Cap'n Proto knows it."""

    loaded: ClassVar[dict[int, SchemaFile]] = {}  # by the schema's file ids

    def __init__(self, module: str, name: str, *ids: int) -> None:
        """Stand for the file `name` beside `module`, which holds the schema files of these ids."""
        self.module = module
        self.name = name
        SchemaFile.loaded.update(dict.fromkeys(ids, self))


class Bindings:
    """All of one generated module. Loaded bindings find each other by their WIT names."""

    loaded: ClassVar[dict[tuple[str, str], Bindings]] = {}  # by package and interface

    def __init__(
        self,
        package: str,
        interface: str,
        interfaces: tuple[Interface, ...] = (),
        grants: tuple[GrantsInterface, ...] = (),
        guests: tuple[GuestInterface, ...] = (),
        schema: SchemaFile | None = None,
    ) -> None:
        """Describe an interface of a package, and make it known to hosts in this process."""
        self.package = package
        self.interface = interface
        self.interfaces = interfaces
        self.grants = grants
        self.guests = guests
        self.schema = schema
        Bindings.loaded[package, interface] = self
