"""Values as Cap'n Proto messages: bytes of a generated type, and back.

```python
person = Message(people.PERSON)          # one of the tables at the end of a generated module
data = person.encode(people.Person("Ada", ...))
assert person.decode(data) == people.Person("Ada", ...)
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

import capnp
from capwit.bridge.errors import ConversionError

from . import shape
from .read import reader
from .schema import Schemas
from .write import MISFITS, fault, writer

if TYPE_CHECKING:
    from capwit.engine.types import Record, Variant

MOST_WORDS: Final = 1 << 23
DEEPEST: Final = 1024
"""How deep pointers in a message may nest. Cap'n Proto's own default is 64."""


class Message:
    """The messages whose root is one type: a struct, as a record, a variant or an arena.

    Attributes:
        struct: pycapnp's schema of the struct.
    """

    def __init__(self, type: Record | Variant) -> None:
        """Compile the conversion of a generated module's type, such as `PERSON`.

        Raises:
            LoadError: the type's module has no bridge file beside it.
            ConversionError: the type is none that stands for a struct of the schema.
        """
        module = shape.module_of(type)
        if module is None:
            raise ConversionError(f"{type.name or type} is no type of a generated module")
        schemas = Schemas.of(module)
        found = schemas.names.find(module, type.name)
        if found is None:
            raise ConversionError(f"{type.name} is no struct of {module}'s schema")
        self.type = type
        try:
            self.struct = schemas.struct(*found)
        except capnp.KjException:  # an open enum is a variant, too
            raise ConversionError(f"{type.name} is no struct of {module}'s schema") from None
        self._read = reader(schemas, type, self.struct)
        self._write = writer(schemas, type, self.struct)

    def encode(self, value: Any) -> bytes:
        """Return a value as a message, in the framing of Cap'n Proto's streams.

        Raises:
            ConversionError: the value does not fit the type, or holds a capability.
        """
        return bytes(self.build(value).to_bytes())

    def build(self, value: Any) -> Any:
        """Return a value as pycapnp's own builder of it. Raises `ConversionError`, as `encode` does."""
        builder = capnp._MallocMessageBuilder().init_root(self.struct)
        try:
            self._write(builder, value, _NO_CALL)
        except MISFITS as error:
            raise fault(self.type, value, self.type.name, error) from None
        return builder

    def decode(self, data: bytes) -> Any:
        """Return the value of a message, which anybody may have made.

        Raises:
            ConversionError: it is not well-formed, holds what the schema does not name, or is too much.
        """
        try:
            # pycapnp reads bytes only by way of a module, as parsing a schema makes them.
            root = capnp._StructModule(self.struct, self.type.name).from_bytes(data, MOST_WORDS, DEEPEST)
            with root as message:
                return self.read(message)
        except ValueError as error:
            raise ConversionError(f"a message of {self.type.name}: {error}") from None
        except capnp.KjException as error:
            raise unreadable(self.type.name, error) from None

    def read(self, reader: Any) -> Any:
        """Return the value that one of pycapnp's readers holds. Raises as `decode` does."""
        try:
            return self._read(reader, _NoCall())
        except UnicodeDecodeError:
            raise ConversionError(f"a message of {self.type.name}: a Text in it is not UTF-8") from None
        except capnp.KjException as error:
            raise unreadable(self.type.name, error) from None


def unreadable(what: str, error: Any) -> ConversionError:
    """Return the error of a message that is damaged."""
    return ConversionError(f"a message of {what}: {shape.told(error)}")


class _NoCall(shape.Allowance):
    """Stands where a call would carry capabilities: a message of its own cannot."""

    def give(self, *_: object) -> NoReturn:
        raise ConversionError("a message outside of a call cannot hold a capability")

    take = lend = take_list = give


_NO_CALL: Final = _NoCall()
