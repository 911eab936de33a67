"""The two stores of examples/kv: one behaviour."""

from __future__ import annotations

import asyncio
import gc
import importlib
import inspect
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind
from capwit.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLE = Path(__file__).parents[2] / "examples" / "kv"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    bindings = tmp_path_factory.mktemp("kv")
    assert main(["generate", str(EXAMPLE / "kv.capnp"), "--out", str(bindings)]) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(bindings))
        patch.syspath_prepend(str(EXAMPLE))
        yield importlib.import_module("stores")
        for name in ("stores", "kv"):
            sys.modules.pop(name, None)


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, stores: Any, tmp_path: Path) -> Callable[[], Any]:
    """What a manifest calls, with its arguments."""
    options = {"path": str(tmp_path / "kv.sqlite")} if request.param == "sqlite" else {}
    return lambda: getattr(stores, request.param)(**options)


async def done(answer: Any) -> Any:
    """Call as the bridge does: what a method returns may have to be awaited."""
    return await answer if inspect.isawaitable(answer) else answer


def plain(changes: Any) -> list[tuple[str, bytes | None]]:
    return [(change.key, getattr(change.which, "value", None)) for change in changes]


def keys(entries: Any) -> list[str]:
    return [entry.key for entry in entries]


def test_what_is_set_is_read(make: Callable[[], Any]) -> None:
    async def scenario() -> None:
        bucket = await done(make().open("b"))
        assert [await done(bucket.set("k", value)) for value in (b"", b"\0\xff")] == [1, 2]
        found = (await done(bucket.get("k"))).value
        assert (found.key, found.value, found.meta.version, found.meta.size) == ("k", b"\0\xff", 2, 2)
        assert [await done(bucket.delete("k")) for _ in range(2)] == [True, False]
        assert not hasattr(await done(bucket.get("k")), "value")
        assert await done(bucket.set("other", b"")) == 4, "a delete is a write, one of nothing is not"

    asyncio.run(scenario())


def test_list_is_by_key_and_prefix_taken_literally(make: Callable[[], Any]) -> None:
    async def scenario() -> None:
        bucket = await done(make().open("b"))
        names = ["é", "a", "a\0b", "a%", "ab", "", "\U0010ffff", "\uffff"]
        for name in names:
            await done(bucket.set(name, b"x"))
        assert keys(await done(bucket.list(""))) == sorted(names)
        assert keys(await done(bucket.list("a"))) == ["a", "a\0b", "a%", "ab"]
        assert keys(await done(bucket.list("a%"))) == ["a%"]
        assert keys(await done(bucket.list("a\0"))) == ["a\0b"]

    asyncio.run(scenario())


def test_buckets_nest_and_do_not_mix(make: Callable[[], Any]) -> None:
    async def scenario() -> None:
        store = make()
        outer, same = await done(store.open("b")), await done(store.open("b"))
        inner, other = await done(outer.open_sub("b")), await done(store.open("c"))
        await done(inner.set("k", b"inner"))
        assert [keys(await done(bucket.list(""))) for bucket in (outer, other)] == [[], []]
        again = await done(same.open_sub("b"))
        assert (await done(again.get("k"))).value.value == b"inner"

    asyncio.run(scenario())


def test_a_value_over_the_limit_changes_nothing(make: Callable[[], Any]) -> None:
    async def scenario() -> None:
        bucket = await done(make().open("b"))
        assert await done(bucket.set("k", bytes(MIB))) == 1
        with pytest.raises(CapError) as refused:
            await done(bucket.set("k", bytes(MIB + 1)))
        assert refused.value.kind is ErrorKind.OVERLOADED
        assert (await done(bucket.get("k"))).value.meta.size == MIB

    asyncio.run(scenario())


def test_a_cursor_waits_for_writes_by_any_holder(make: Callable[[], Any]) -> None:
    async def scenario() -> None:
        store = make()
        bucket, other = await done(store.open("b")), await done(store.open("b"))
        await done(bucket.set("before", b""))
        cursor = await done(bucket.watch())
        assert plain(await done(cursor.next(0))) == []
        waiting = asyncio.ensure_future(done(cursor.next(10)))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await done(other.set("k", b"1"))
        assert plain(await waiting) == [("k", b"1")]
        await done(other.set("k", b"2"))
        await done(other.delete("k"))
        await done(other.delete("k"))
        assert plain(await done(cursor.next(1))) == [("k", b"2")]
        assert plain(await done(cursor.next(10))) == [("k", None)]

    asyncio.run(scenario())


def test_a_cursor_that_nobody_reads_does_not_grow_for_ever(make: Callable[[], Any], stores: Any) -> None:
    async def scenario() -> None:
        bucket = await done(make().open("b"))
        cursor, late = await done(bucket.watch()), None
        for number in range(stores.CURSOR_LIMIT + 1):
            await done(bucket.set(str(number % 10), b""))
        late = await done(bucket.watch())
        for _ in range(2):
            with pytest.raises(CapError) as refused:
                await done(cursor.next(1))
            assert refused.value.kind is ErrorKind.OVERLOADED
        await done(bucket.set("k", b""))
        assert plain(await done(late.next(10))) == [("k", b"")]

    asyncio.run(scenario())


def test_many_instances_write_at_once(make: Callable[[], Any]) -> None:
    async def scenario() -> None:
        store = make()

        async def write() -> list[int]:
            bucket = await done(store.open("b"))
            return [await done(bucket.set("k", b"")) for _ in range(20)]

        versions = await asyncio.gather(*(write() for _ in range(5)))
        assert sorted(version for each in versions for version in each) == list(range(1, 101))

    asyncio.run(scenario())


def test_programs_with_one_database_see_each_other(stores: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        mine, yours = (stores.sqlite(str(tmp_path / "kv.sqlite")) for _ in range(2))
        cursor = (await mine.open("b")).watch()
        assert await (await yours.open("b")).set("k", b"v") == 1
        assert plain(await asyncio.wait_for(cursor.next(10), 1)) == [("k", b"v")]

    asyncio.run(scenario())


def test_a_database_outlives_its_store(stores: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "kv.sqlite")

    async def write() -> None:
        store = stores.sqlite(path)
        assert store.durability().value == "disk"
        await (await store.open("b")).set("k", b"v")

    async def read() -> None:
        bucket = await stores.sqlite(path).open("b")
        assert (await bucket.get("k")).value.value == b"v"
        assert await bucket.set("k", b"w") == 2

    asyncio.run(write())
    gc.collect()
    asyncio.run(read())


def test_a_lock_of_another_process_is_awaited(stores: Any, tmp_path: Path) -> None:
    path = tmp_path / "kv.sqlite"

    async def scenario() -> None:
        bucket = await stores.sqlite(str(path)).open("b")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.ensure_future(bucket.set("k", b""))
        await asyncio.sleep(0.05)
        assert not writing.done(), "and the event loop went on"
        other.execute("COMMIT")
        other.close()
        assert await writing == 1

    asyncio.run(scenario())


def test_what_is_no_database_is_an_error_of_the_call(stores: Any, tmp_path: Path) -> None:
    path = tmp_path / "kv.sqlite"
    path.write_bytes(b"no database, and long enough to be told from one" * 100)
    with pytest.raises(CapError, match="not a database"):
        asyncio.run(stores.sqlite(str(path)).open("b"))
    with pytest.raises(OSError, match="nowhere"):
        stores.sqlite(str(tmp_path / "nowhere" / "kv.sqlite"))
