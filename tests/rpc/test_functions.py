"""A component that imports functions of WIT: a capability answers them, wherever it lives."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, EngineError, Event, GrantError, Host, LinkError, functions_of
from capwit.hosting.isolation import isolated
from capwit.program import MACHINE, assemble, load_bindings, read_manifest
from capwit.program.needs import find_needs

from tests.bridge.support import scenario
from tests.support.components import wat
from tests.support.guests import c_guest

from .serving import serving
from .shop import HERE, MADE, Shop

if TYPE_CHECKING:
    from capwit.bridge.binding import Bindings

WIRED = """
[grants.shop]
component = "shop"
interface = "shop"
[components.shop]
module = "shop.wasm"
"""
GRANTS = {
    "a component": WIRED,
    "an isolated one": f'{WIRED}isolation = "process"\n',
    "another process": '[grants.shop]\nremote = "{address}"\n',
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = Shop(tmp_path_factory.mktemp("functions") / "shop")
    shutil.copy(c_guest(HERE / "customer.c", HERE / "plain", "customer"), made.folder / "customer.wasm")
    return made


@pytest.fixture
def bindings(shop: Shop) -> list[Bindings]:
    return [load_bindings(shop.folder / "made" / f"{name}.py") for name in ("demo_shop_watch", "shop")]


@pytest.mark.parametrize("isolation", ["none", "process"])
@pytest.mark.parametrize("what", GRANTS)
def test_a_program_is_granted_them(shop: Shop, what: str, isolation: str) -> None:
    @scenario
    async def run(address: str) -> None:
        path = shop.folder / f"{what}.toml"
        head = f'module = "customer.wasm"\nbindings = {MADE}\nisolation = "{isolation}"\n'
        holdings = replace(MACHINE, unix=(shop.folder,))
        path.write_text(head + GRANTS[what].format(address=address))
        async with Host() as host, assemble(host, read_manifest(path, holdings)) as program:
            assert await program.run() == 103 + 128 + 6
        assert host.ledger.balance == 0

    if what != "another process":
        run("")
        return
    with serving(shop.folder / "none.toml", listen=f"unix:{shop.folder / 'socket'}") as server:
        run(server.address)
        assert server.stop()["ledger"]["balance"] == 0


@scenario
async def test_it_holds_one_handle_for_all_of_them(shop: Shop, bindings: list[Bindings]) -> None:
    made: Any = sys.modules["shop"]
    async with Host() as host:
        app = await host.load(shop.folder / "customer.wasm", *bindings)
        other = await host.load(shop.folder / "shop.wasm", *bindings)
        [need] = find_needs(app.component)
        assert need == ("shop", "demo:shop/shop@0.1.0, its functions", "refused", True)
        with pytest.raises(GrantError, match=r"Mend: grant `shop`, a demo:shop/shop@0\.1\.0\.shop"):
            async with app.instantiate():
                pass
        with pytest.raises(TypeError, match="watcher stands for no functions"):
            functions_of(sys.modules["demo_shop_watch"].WatcherClient._of(None))
        async with other.instantiate() as serving, await serving.export(made.ShopClient) as own:
            async with app.instantiate(functions_of(own)) as instance:
                assert instance.handles == 0
                assert [await instance.call("visit", 0) for _ in range(3)] == [103] * 3
                assert (instance.handles, host.ledger.counts()[Event.GRANT]) == (1, 1)
                instance.revoke("shop", "closed")
                with pytest.raises(CapError, match=r"shop\.new-basket has no error to .* revoked: closed"):
                    await instance.call("visit", 0)
                assert instance.ended is not None
            async with isolated(app, functions_of(own)) as instance:
                assert await instance.call("visit", 2) == 6
                with pytest.raises(EngineError, match=r"shop\.fail has no error to answer its component"):
                    await instance.call("visit", 4)
    assert host.ledger.balance == 0


@scenario
async def test_functions_that_the_bindings_lack(bindings: list[Bindings]) -> None:
    async with Host() as host:
        for label, type, message in (
            ("choose", "(func)", "result: only one of the two has a value|is not that of the bindings"),
            ("sell", "(func)", "is not in the bindings"),
            ("fail", '(func (param "why" string))', "is not that of the bindings"),
        ):
            wasm = wat(f'(import "demo:shop/shop@0.1.0" (instance (export "{label}" {type})))')
            app = await host.load(wasm, *bindings)
            with pytest.raises(LinkError, match=message):
                async with app.instantiate():
                    pass
