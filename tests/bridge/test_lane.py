"""The byte lane in a host: it may do without, and what is wrong with a component is told as before."""

from __future__ import annotations

import pytest
from capwit.bridge import EngineError, Host

from tests.bridge.support import scenario
from tests.support.components import wat

BYTES = '(import "a:b/c" (instance $i (export "f" (func (param "data" (list u8))))))'

# Components that carry bytes, and are not valid.
MALFORMED = {
    "code that is not valid": "(core module (func (result i32)))",
    "an instance without its arguments": """
        (core module $m (import "" "f" (func))) (core instance (instantiate $m))""",
    "a lowered list without memory": '(core func (canon lower (func $i "f")))',
    "a function of another type": """
        (core module $m (func (export "f") (param i64)))
        (core instance $m (instantiate $m))
        (func (export "g") (param "x" u32) (canon lift (core func $m "f")))""",
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
@scenario
async def test_one_that_is_not_valid_is_refused_for_the_same_reason(text: str) -> None:
    said = []
    for lane in (False, True):
        async with Host(lane=lane) as host:
            app = await host.load(wat(BYTES + text), name="app.wasm")
            assert bool(app.lane.sides) == lane
            with pytest.raises(EngineError, match="wasmtime refuses the component") as caught:
                await app.compile()
            assert bool(app.lane.sides) == lane
            said.append(str(caught.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("lane", [False, True])
@scenario
async def test_a_host_may_do_without_the_lane(lane: bool) -> None:
    async with Host(lane=lane) as host:
        app = await host.load(wat(BYTES))
        await app.compile()
        assert app.lane.imports == ({("a:b/c", "f"): "f0"} if lane else {})
