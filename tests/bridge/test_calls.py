"""Calls of host capabilities by a guest: what they answer, how they fail, and what the guest is told."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from capwit.bridge import (
    CapError,
    ConversionError,
    ErrorKind,
    GuestExit,
    Host,
    InstanceEnded,
    Limit,
    LimitExceeded,
    Limits,
    ReentranceError,
    Trap,
)

from tests.bridge.support import ENTROPY, Desk, Item, grants, guest_of, probe, probe_guest, scenario

# Calls the desk, and tells how the call failed.
TRY = """
try: said = 'good: ' + grants.get_desk().echo('x')
except Err as error: said = f'{error.value.kind.name}: {error.value.reason}'
"""


class Failing(Desk):
    """A desk whose `echo` does what a test says."""

    def __init__(self, act: Any, later: bool) -> None:
        super().__init__()
        self._act = act
        self._later = later

    def echo(self, text: str) -> Any:
        return self._wait() if self._later else self._do()

    async def _wait(self) -> Any:
        await asyncio.sleep(0)
        return self._do()

    def _do(self) -> Any:
        if isinstance(self._act, BaseException):
            raise self._act
        return self._act


both = pytest.mark.parametrize("later", [False, True], ids=["def", "async def"])


@both
@scenario
async def test_a_method_answers_at_once_or_later(later: bool) -> None:
    async with guest_of(grants(Failing("yes", later))) as guest:
        assert await guest.exec(TRY) == "good: yes"


@both
@pytest.mark.parametrize("kind", list(ErrorKind))
@scenario
async def test_every_kind_of_error_crosses_into_the_guest(kind: ErrorKind, later: bool) -> None:
    async with guest_of(grants(Failing(CapError(kind, "why\nnot ☃"), later))) as guest:
        assert await guest.exec(TRY) == f"{kind.name}: why\nnot ☃"
        assert await guest.exec("said = 'goes on'") == "goes on"


@pytest.mark.parametrize("kind", list(ErrorKind))
@scenario
async def test_every_kind_of_error_crosses_out_of_the_guest(kind: ErrorKind) -> None:
    async with guest_of() as guest:
        with pytest.raises(CapError) as caught:
            await guest.exec(f"raise Err(CapError(ErrorKind.{kind.name}, 'from inside'))")
        assert (caught.value.kind, caught.value.reason) == (kind, "from inside")
        assert str(caught.value) == f"{kind.value}: from inside"
        assert await guest.exec("said = 'goes on'") == "goes on"


@both
@scenario
async def test_an_unexpected_exception_is_failed_and_keeps_its_words(
    later: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with guest_of(grants(Failing(OSError("/etc/secret is not here"), later))) as guest:
        with caplog.at_level(logging.ERROR, "capwit.bridge"):
            said = await guest.exec(TRY)
        assert said == "FAILED: desk.echo: the capability failed (OSError)"
    (record,) = [record for record in caplog.records if record.name == "capwit.bridge"]
    assert record.exc_info is not None
    assert "/etc/secret" in str(record.exc_info[1])


@both
@scenario
async def test_not_implemented(later: bool) -> None:
    async with guest_of(grants(Failing(NotImplementedError("yet"), later))) as guest:
        assert await guest.exec(TRY) == "UNIMPLEMENTED: desk.echo is not implemented"


@both
@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (3, "desk.echo: result: expected str, got int 3"),
        (None, "desk.echo: result: expected str, got NoneType None"),
        ("\ud800", "desk.echo: result: the str holds a lone surrogate"),
        (b"bytes", "desk.echo: result: expected str, got bytes b'bytes'"),
        (CapError(ErrorKind.FAILED, 3), "desk.echo: error.reason: expected str, got int 3"),  # type: ignore[arg-type]
    ],
)
@scenario
async def test_a_method_that_answers_with_the_wrong_type(answer: Any, fault: str, later: bool) -> None:
    async with guest_of(grants(Failing(answer, later))) as guest:
        with pytest.raises(ConversionError) as caught:
            await guest.exec(TRY)
        assert str(caught.value).startswith(fault)
        assert guest.instance.ended is caught.value
        with pytest.raises(InstanceEnded, match="has ended"):
            await guest.exec("said = 1")


@pytest.mark.parametrize(
    ("code", "desk", "fault"),
    [
        ("add(200, 100)", Desk(), "desk.add: result: 300 is out of the range of u8 (0 to 255)"),
        (
            "make('x')",
            type("Blank", (Desk,), {"make": lambda *_: object()})(),
            "desk.make: result does not fit its type: object is not a test:probe/probe@0.1.0.item: it has no",
        ),
        (
            "pack(grants.get_desk().make('x'), 'x')",
            type("Flat", (Desk,), {"pack": lambda *_: probe.Parcel("a", None, [3])})(),
            "desk.pack: result does not fit its type: int is not a test:probe/probe@0.1.0.item",
        ),
        (
            "pack(grants.get_desk().make('x'), 'x')",
            type("Odd", (Desk,), {"pack": lambda *_: probe.Parcel(7, None, [])})(),
            "desk.pack: result.label: expected str, got int 7",
        ),
    ],
)
@scenario
async def test_a_wrong_answer_is_named_by_its_path(code: str, desk: Desk, fault: str) -> None:
    async with guest_of(grants(desk)) as guest:
        with pytest.raises(ConversionError) as caught:
            await guest.exec(f"grants.get_desk().{code}")
        assert fault in str(caught.value)
        assert guest.instance.ended is caught.value


# asyncio lets an interrupt of a later step through the whole loop: see the next test for those.
@pytest.mark.parametrize(
    ("kind", "later"),
    [(KeyboardInterrupt, False), (SystemExit, False), (GeneratorExit, False), (GeneratorExit, True)],
)
@scenario
async def test_a_base_exception_ends_the_guest_and_is_raised_to_the_caller(
    kind: type[BaseException], later: bool
) -> None:
    async with guest_of(grants(Failing(kind("now"), later))) as guest:
        with pytest.raises(kind):
            await guest.exec(TRY)
        assert isinstance(guest.instance.ended, InstanceEnded)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_a_later_interrupt_comes_out_of_asyncio_run(kind: type[BaseException]) -> None:
    host = Host()

    async def main() -> None:
        async with host:
            app = await host.load(probe_guest())
            async with app.instantiate(grants(Failing(kind("now"), later=True)), ENTROPY) as instance:
                await (await instance.export(probe.WorkerClient)).exec(TRY)

    with pytest.raises(kind):
        asyncio.run(main())
    assert host.ledger.balance == 0


@scenario
async def test_a_method_that_never_answers_runs_into_the_wall() -> None:
    class Silent(Desk):
        async def echo(self, text: str) -> str:
            await asyncio.Event().wait()
            return text

    async with guest_of(grants(Silent()), limits=Limits(wall="100ms")) as guest:
        with pytest.raises(LimitExceeded, match=r"longer than its wall limit of 0.1 s. Mend: ") as caught:
            await guest.exec(TRY)
        assert caught.value.limit is Limit.WALL
        assert guest.instance.handles == 0


LIMITS = [
    (Limit.FUEL, Limits(fuel=3_000_000_000), "while True: pass", "more `fuel`"),
    (Limit.WALL, Limits(wall=0.2), "while True: pass", "larger `wall`"),
    (
        Limit.HANDLES,
        Limits(handles=5),
        "desk = grants.get_desk(); items = [desk.make('x') for _ in range(9)]",
        "larger `handles`",
    ),
]


@pytest.mark.parametrize(("limit", "limits", "code", "mend"), LIMITS)
@scenario
async def test_a_limit_ends_the_guest_and_releases_what_it_holds(
    limit: Limit, limits: Limits, code: str, mend: str
) -> None:
    async with guest_of(limits=limits) as guest, guest_of(host=guest.host) as sibling:
        with pytest.raises(LimitExceeded) as caught:
            await guest.exec(f"kept = grants.get_desk()\n{code}")
        assert caught.value.limit is limit
        assert mend in str(caught.value)
        assert guest.instance.handles == 0
        assert await sibling.exec("said = 'goes on'") == "goes on"


@scenario
async def test_a_handle_that_is_dropped_is_not_counted() -> None:
    async with guest_of(limits=Limits(handles=3)) as guest:
        await guest.exec("with grants.get_desk() as desk:\n for _ in range(50):\n  with desk.make('x'): pass")
        assert guest.instance.handles == 0


@scenario
async def test_memory() -> None:
    async with guest_of(limits=Limits(memory="48MiB")) as guest:
        code = "try: hoard = bytearray(64 << 20)\nexcept MemoryError: said = 'no more'"
        assert await guest.exec(code) == "no more"
    async with Host() as host:
        app = await host.load(probe_guest())
        with pytest.raises(LimitExceeded, match="raise `memory`") as caught:
            await app.start(grants(), ENTROPY, limits=Limits(memory="1MiB"))
        assert caught.value.limit is Limit.MEMORY


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"fuel": -1}, "fuel: expected a whole number above 0, got -1"),
        ({"fuel": True}, "fuel: expected a whole number above 0, got True"),
        ({"memory": "much"}, "expected a size such as 65536 or '64MiB', got 'much'"),
        ({"wall": "soon"}, "expected a time such as 2 or '250ms', got 'soon'"),
        ({"wall": float("nan")}, "expected a time"),
        ({"handles": 0}, "handles: expected a whole number above 0, got 0"),
    ],
)
@scenario
async def test_limits_that_mean_nothing(limits: dict[str, Any], message: str) -> None:
    async with Host() as host:
        app = await host.load(probe_guest())
        with pytest.raises(ValueError, match=message.replace("(", r"\(")):
            await app.start(grants(), limits=Limits(**limits))


@scenario
async def test_a_trap_says_where_and_ends_this_guest_alone() -> None:
    async with guest_of() as guest, guest_of(host=guest.host) as sibling:
        with pytest.raises(Trap, match=r"worker.exec: the guest trapped: ") as caught:
            await guest.exec("kept = grants.get_desk(); 1 / 0")
        assert "unreachable" in caught.value.reason
        with pytest.raises(InstanceEnded, match=r"the instance has ended: .*worker.exec: the guest trapped"):
            await guest.exec("said = 1")
        with pytest.raises(InstanceEnded):
            await guest.instance.export(probe.WorkerClient)
        assert await sibling.exec("said = 'goes on'") == "goes on"


@scenario
async def test_a_guest_that_exits() -> None:
    async with guest_of() as guest:
        with pytest.raises(GuestExit) as caught:
            await guest.exec("os._exit(1)")
        assert caught.value.code == 1
        assert guest.instance.ended is caught.value


@scenario
async def test_a_capability_that_calls_back_into_its_caller() -> None:
    class Nosy(Desk):
        guest: Any = None

        async def echo(self, text: str) -> str:
            return str(await self.guest.worker.exec("said = 'inside'"))

    desk = Nosy()
    async with guest_of(grants(desk)) as guest:
        desk.guest = guest
        said = await guest.exec(TRY)
        assert said.startswith("FAILED: ")
        assert "the instance waits for the capability that makes this call" in said
        assert await guest.exec("said = 'goes on'") == "goes on"
        with pytest.raises(ReentranceError):
            raise await caught_inside(guest, desk)


async def caught_inside(guest: Any, desk: Any) -> BaseException:
    """Return what the capability itself gets."""
    seen: list[BaseException] = []

    async def echo(text: str) -> str:
        try:
            return str(await guest.worker.exec("said = 1"))
        except BaseException as error:
            seen.append(error)
            raise

    desk.echo = echo
    await guest.exec(TRY)
    return seen[0]


@scenario
async def test_a_circle_of_two_guests_is_an_error_and_no_deadlock() -> None:
    class Bridge(Desk):
        other: Any = None

        async def echo(self, text: str) -> str:
            return str(await self.other.exec(text))

    one_desk, two_desk = Bridge(), Bridge()
    async with guest_of(grants(one_desk)) as one, guest_of(grants(two_desk), host=one.host) as two:
        one_desk.other, two_desk.other = two, one
        code = f"try: said = grants.get_desk().echo({TRY!r})\nexcept Err as error: said = error.value.reason"
        said = await asyncio.wait_for(one.exec(code), 20)
        assert "FAILED: " in said
        assert "the instance waits for the capability that makes this call" in said
        # Without the circle the same way is open.
        two_desk.other = None
        assert await one.exec("said = grants.get_desk().echo('said = 6 * 7')") == "42"


@scenario
async def test_calls_on_one_guest_queue() -> None:
    class Slow(Desk):
        running = 0

        async def echo(self, text: str) -> str:
            self.running += 1
            assert self.running == 1
            await asyncio.sleep(0.01)
            self.running -= 1
            return text

    async with guest_of(grants(Slow())) as guest:
        calls = [guest.exec(f"said = grants.get_desk().echo('{i}')") for i in range(5)]
        assert await asyncio.gather(*calls) == list("01234")


@scenario
async def test_a_spinning_guest_leaves_the_loop_to_others() -> None:
    async with guest_of(limits=Limits(wall=1)) as spinner, guest_of(host=spinner.host) as sibling:
        spin = asyncio.create_task(spinner.exec("while True: pass"))
        done = 0
        while not spin.done():
            await sibling.exec("said = grants.get_desk().echo('x')")
            done += 1
        assert done > 10
        with pytest.raises(LimitExceeded):
            await spin


@scenario
async def test_cancelling_a_call_ends_the_guest() -> None:
    started = asyncio.Event()

    class Waiting(Desk):
        async def echo(self, text: str) -> str:
            started.set()
            await asyncio.Event().wait()
            return text

    async with guest_of(grants(Waiting())) as guest:
        call = asyncio.create_task(guest.exec(TRY))
        await started.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert guest.instance.handles == 0
        with pytest.raises(InstanceEnded, match="has ended"):
            await guest.exec("said = 1")


@scenario
async def test_a_dead_instance_behind_a_capability_is_disconnected(caplog: pytest.LogCaptureFixture) -> None:
    async with guest_of() as first, guest_of(grants(peer=first.worker), host=first.host) as second:
        code = """
peer = grants.get_peer()
try: said = peer.exec({!r})
except Err as error: said = f'{{error.value.kind.name}}: {{error.value.reason}}'
"""
        said = await second.exec(code.format("1 / 0"))
        assert said == "DISCONNECTED: worker.exec: the instance behind it has ended"
        assert isinstance(first.instance.ended, Trap)
        assert await second.exec(code.format("said = 1")) == said
        assert await second.exec("said = 'goes on'") == "goes on"
        [logged] = caplog.messages  # how, and that once
        assert "worker.exec: the guest trapped: wasm `unreachable`" in logged


@scenario
async def test_an_error_of_one_guest_reaches_another_as_it_is() -> None:
    async with guest_of() as first, guest_of(grants(peer=first.worker), host=first.host) as second:
        code = """
try: grants.get_peer().exec("raise Err(CapError(ErrorKind.DENIED, 'not for you'))")
except Err as error: said = f'{error.value.kind.name}: {error.value.reason}'
"""
        assert await second.exec(code) == "DENIED: not for you"


@scenario
async def test_a_client_of_an_object_of_this_process_needs_no_guest() -> None:
    desk = probe.DeskClient(Desk())
    assert await desk.echo("x") == "x"
    item = await desk.make("thing")
    assert isinstance(item, probe.ItemClient)
    assert await desk.look(Item("plain")) == "plain"
    assert await desk.look(item) == "thing"
    assert await item.same(item) is True


@pytest.mark.parametrize("waits", [False, True])
@scenario
async def test_a_null_where_a_capability_should_be_is_that_calls_error(waits: bool) -> None:
    class Empty(Desk):
        def make(self, name: str) -> Any:
            async def later() -> None:
                await asyncio.sleep(0)

            return later() if waits else None

    async with guest_of(grants(Empty())) as guest:
        code = "try: grants.get_desk().make('x')\nexcept Err as error: said = error.value.reason"
        assert await guest.exec(code) == "desk.make: the answer is null, and no capability"
