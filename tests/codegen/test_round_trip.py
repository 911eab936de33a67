"""Random values of random schemas go into a component, through it and back out, and come back equal.

Where they hold no capabilities they come from Cap'n Proto messages, and give the same ones again. Each way is
the canonical ABI's: the guest (`tests.support.echo`) moves lists of any type through its memory, the handles
in them through its table of handles. A core module (`tests.support.bounce`) does so without a component, and
the handles are among its descriptors.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Host, binding
from capwit.bridge.convert import has_handle
from capwit.codegen import GenerateError
from capwit.codegen import write as write_files
from capwit.codegen.generator import generate_schema
from capwit.codegen.schema.parser import parse
from capwit.codegen.schema.request import read
from capwit.engine import types as wit
from capwit.engine.errors import ConversionError
from capwit.rpc import Message
from hypothesis import given, note
from hypothesis import strategies as st

from tests.codegen.batches import batches, by_stem, law, write
from tests.support.bounce import bounce_module
from tests.support.echo import echo_guest
from tests.support.values import same, values

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from tests.codegen.schemas import Schema


def load(folder: Path, name: str) -> ModuleType:
    """A generated module, with those that it imports: no other has these names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        return importlib.import_module(name)


class Things:
    """Objects for the capabilities in values: two of each interface, so that one may stand twice."""

    def __init__(self, untold: type[binding.Client]) -> None:
        self.untold = untold  # what stands behind a capability whose interface is not told
        self.made: dict[tuple[type[binding.Client], int], object] = {}

    def strategy(self, resource: wit.Resource) -> st.SearchStrategy[binding.Client]:
        return st.integers(0, 1).map(lambda number: self.client(resource, number))

    def client(self, resource: wit.Resource, number: int) -> binding.Client:
        if resource == binding.ANY_CAP.resource:
            return binding.AnyClient(self.untold(self.thing(self.untold, number)))
        assert resource.make is not None
        client: binding.Client = resource.make(self.thing(resource.make, number))
        return client

    def thing(self, client: type[binding.Client], number: int) -> object:
        if (client, number) not in self.made:
            methods = {each.attribute: lambda *_: None for each in client.interface.methods.values()}
            self.made[client, number] = type("Thing", (), methods)()
        return self.made[client, number]


class Relay:
    """Gives back what it is given, whatever its methods are called."""

    def __init__(self, interface: binding.Interface) -> None:
        for method in interface.methods.values():
            setattr(self, method.attribute, lambda values: values)


class Bouncer:
    """Gives its list to who asks first, and keeps what it is given next."""

    def __init__(self, interface: binding.Interface) -> None:
        self.given: Any = []
        self.kept: Any = []
        for method in interface.methods.values():
            setattr(self, method.attribute, self.bounce)

    def bounce(self, values: Any) -> Any:
        self.kept = values
        given, self.given = self.given, type(values)()
        return given


@pytest.mark.not_compared("its schemas have other names in each run")
@law(5)
@given(batch=batches(), data=st.data())
def test_values_and_capabilities_come_back_as_they_went(
    tmp_path_factory: pytest.TempPathFactory, batch: list[Schema], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("batch")
    path = write(folder, batch)
    whole = read(parse(path), schema=path)
    for each in batch:
        try:
            generated = generate_schema(whole, by_stem(whole)[each.stem], validate=False)
        except GenerateError:
            continue  # `test_laws` looks at what is refused
        write_files(generated.files, folder / each.stem)
        module = load(folder / each.stem, each.stem)
        if not all(
            isinstance(param.type, wit.List)
            for method in module.LAWS.methods.values()
            for param in method.params
        ):
            continue  # a list of what vanishes is its length
        note(repr(each))
        asyncio.run(asyncio.wait_for(echoed(module, data), 120))
        asyncio.run(asyncio.wait_for(bounced(module, data), 120))
    shutil.rmtree(folder)


def through_messages(type: wit.Type, drawn: list[Any]) -> tuple[list[bytes], list[Any]]:
    """Values as messages, and as they are read from them again: those of structs without capabilities."""
    if not isinstance(type, wit.Record | wit.Variant) or has_handle(type):
        return [], drawn
    try:
        message = Message(type)
        encoded = [message.encode(value) for value in drawn]
    except ConversionError as error:  # an open enum; a list of nothing that has more elements than a list may
        assert re.search("is no struct|is more than can be sent", str(error))
        return [], drawn
    return encoded, [message.decode(each) for each in encoded]


async def echoed(module: ModuleType, data: st.DataObject) -> None:
    laws, relay = module.LAWS, module.RELAY
    guest = echo_guest(laws, relay, module.LawsGrants.grants_interface.interface)
    things = Things(module.RelayClient)
    async with Host(cache=None) as host:
        app = await host.load(guest, module.BINDINGS)
        async with app.instantiate(module.LawsGrants(relay=Relay(relay), name="name")) as instance:
            client = await instance.export(module.LawsClient)
            for method in laws.methods.values():
                type = method.params[0].type
                drawn = data.draw(values(type, things.strategy), label=str(method))
                encoded, sent = through_messages(type.element, drawn)
                back: Any = await getattr(client, method.attribute)(sent)
                assert same(drawn, back), f"{method}: {drawn} came back as {back}"
                assert through_messages(type.element, back)[0] == encoded
    del back  # what came out is the host's own
    gc.collect()
    assert host.ledger.balance == 0


async def bounced(module: ModuleType, data: st.DataObject) -> None:
    relay, things = module.RELAY, Things(module.RelayClient)
    guest = bounce_module(relay, module.LawsGrants.grants_interface.interface)
    bouncer = Bouncer(relay)
    async with Host(cache=None) as host:
        loaded = await host.load_module(guest, module.BINDINGS)
        async with loaded.instantiate(module.LawsGrants(relay=bouncer, name="name")) as instance:
            for method in relay.methods.values():
                drawn = data.draw(values(method.params[0].type, things.strategy), label=str(method))
                bouncer.given = drawn
                await instance.call(method.label)
                assert same(drawn, bouncer.kept), f"{method}: {drawn} came back as {bouncer.kept}"
                assert instance.handles == 0
                bouncer.kept = []
    gc.collect()
    assert host.ledger.balance == 0
