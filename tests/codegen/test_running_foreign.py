"""Resources that WIT knows already, at work: a schema's methods and grants hand out WASI's own streams."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from capwit.bridge import ConversionError, GrantError, Host, LinkError
from capwit.bridge.policy import Policy
from capwit.preview2 import InputStream, OutputStream

from tests.codegen.support import case, scenario
from tests.engine.support import ALLOCATOR
from tests.support.components import ERROR_IMPORTS, wat


def pump(version: str = "0.2.0") -> bytes:
    """A component that opens a source, and copies it to the log it is granted, all by WASI's methods."""
    return wat(f"""
  (import "wasi:io/error@{version}" (instance $we (export "error" (type (sub resource)))))
  (alias export $we "error" (type $io-error))
  (import "wasi:io/streams@{version}" (instance $w
    (export "error" (type $error (eq $io-error)))
    (export "input-stream" (type $in (sub resource)))
    (export "output-stream" (type $out (sub resource)))
    (type $failx (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $fail (eq $failx)))
    (export "[method]input-stream.blocking-read" (func (param "self" (borrow $in)) (param "len" u64)
      (result (result (list u8) (error $fail)))))
    (export "[method]output-stream.blocking-write-and-flush" (func (param "self" (borrow $out))
      (param "contents" (list u8)) (result (result (error $fail)))))
    (export "[method]output-stream.blocking-splice" (func (param "self" (borrow $out))
      (param "src" (borrow $in)) (param "len" u64) (result (result u64 (error $fail)))))))
  (alias export $w "input-stream" (type $in))
  (alias export $w "output-stream" (type $out))
  {ERROR_IMPORTS}
  (import "case:foreign/schema@0.1.0" (instance $s
    (export "cap-error" (type $error (eq $cap-error)))
    (export "source" (type $source (eq $in)))
    (export "output-stream" (type $out2 (eq $out)))
    (export "files" (type $files (sub resource)))
    (export "[method]files.open" (func (param "self" (borrow $files)) (param "name" string)
      (result (result (own $source) (error $error)))))))
  (alias export $s "files" (type $files))
  (import "case:foreign/app-grants@0.1.0" (instance $g
    (export "files" (type $files2 (eq $files)))
    (export "output-stream" (type $out3 (eq $out)))
    (export "get-files" (func (result (own $files2))))
    (export "get-log" (func (result (own $out3))))))
  {ALLOCATOR}
  (core func $get-files (canon lower (func $g "get-files")))
  (core func $get-log (canon lower (func $g "get-log")))
  (core func $open (canon lower (func $s "[method]files.open") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $read (canon lower (func $w "[method]input-stream.blocking-read")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $write (canon lower (func $w "[method]output-stream.blocking-write-and-flush")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $splice (canon lower (func $w "[method]output-stream.blocking-splice")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $m
    (import "l" "memory" (memory 1))
    (import "h" "get-files" (func $get-files (result i32)))
    (import "h" "get-log" (func $get-log (result i32)))
    (import "h" "open" (func $open (param i32 i32 i32 i32)))
    (import "h" "read" (func $read (param i32 i64 i32)))
    (import "h" "write" (func $write (param i32 i32 i32 i32)))
    (import "h" "splice" (func $splice (param i32 i32 i64 i32)))
    (data (i32.const 200) "notes")
    (global $in (mut i32) (i32.const 0))
    (global $log (mut i32) (i32.const 0))
    ;; 1: the file could not be opened
    (func (export "open") (result i32)
      (global.set $log (call $get-log))
      (call $open (call $get-files) (i32.const 200) (i32.const 5) (i32.const 16))
      (global.set $in (i32.load (i32.const 20)))
      (i32.load8_u (i32.const 16)))
    ;; copies four bytes at a time until a call fails; 1: the source is closed, 0: it has failed
    (func (export "copy") (result i32)
      (loop $more
        (call $read (global.get $in) (i64.const 4) (i32.const 16))
        (if (i32.load8_u (i32.const 16)) (then (return (i32.load8_u (i32.const 20)))))
        (call $write (global.get $log) (i32.load (i32.const 20)) (i32.load (i32.const 24)) (i32.const 32))
        (br_if $more (i32.eqz (i32.load8_u (i32.const 32)))))
      (i32.const 2))
    ;; how many bytes went over at once; 1000: none, because a call failed
    (func (export "splice") (result i32)
      (call $splice (global.get $log) (global.get $in) (i64.const 100) (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then (return (i32.const 1000))))
      (i32.wrap_i64 (i64.load (i32.const 24)))))
  (core instance $i (instantiate $m (with "l" (instance $libc)) (with "h" (instance
    (export "get-files" (func $get-files)) (export "get-log" (func $get-log)) (export "open" (func $open))
    (export "read" (func $read)) (export "write" (func $write)) (export "splice" (func $splice))))))
  (func (export "open") (result u32) (canon lift (core func $i "open")))
  (func (export "copy") (result u32) (canon lift (core func $i "copy")))
  (func (export "splice") (result u32) (canon lift (core func $i "splice")))
""")


class Bytes:
    """A source of bytes; every second read has to wait."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.reads = 0

    def read(self, limit: int) -> Any:
        self.reads += 1
        given, self.data = self.data[:limit], self.data[limit:]
        return self.later(given) if self.reads % 2 else given

    def readable(self) -> None: ...

    async def later(self, data: bytes) -> bytes:
        return data


class Files:
    def __init__(self, source: Any = None) -> None:
        self.source = source

    def open(self, name: str) -> Any:
        assert name == "notes"
        return InputStream(Bytes(b"what is in it")) if self.source is None else self.source

    def append(self, name: str) -> Any: ...

    def copy(self, from_: Any, to: Any, over: Any) -> Any: ...

    def rows(self) -> Any: ...


class Log:
    def __init__(self) -> None:
        self.text = b""

    def write(self, data: bytes) -> None:
        self.text += data


@pytest.mark.parametrize("version", ["0.2.0", "0.2.6"])
@scenario
async def test_a_guest_reads_and_writes_what_a_schema_hands_out(version: str) -> None:
    m = case("foreign")
    log = Log()
    async with Host() as host:
        app = await host.load(pump(version), m.BINDINGS)
        async with app.instantiate(m.Grants(files=Files(), log=OutputStream(log))) as instance:
            assert await instance.call("open") == 0
            assert await instance.call("copy") == 1
    assert log.text == b"what is in it"
    assert host.ledger.balance == 0


@scenario
async def test_a_guest_moves_bytes_from_one_to_the_other() -> None:
    m = case("foreign")
    log = Log()
    async with Host() as host:
        app = await host.load(pump(), m.BINDINGS)
        async with app.instantiate(m.Grants(files=Files(), log=OutputStream(log))) as instance:
            assert await instance.call("open") == 0
            assert await instance.call("splice") == 13
            assert await instance.call("splice") == 1000
    assert log.text == b"what is in it"


@pytest.mark.parametrize("source", [Bytes(b""), OutputStream(Log()), object()])
@scenario
async def test_what_stands_behind_no_such_resource_does_not_cross(source: Any) -> None:
    m = case("foreign")
    async with Host() as host:
        app = await host.load(pump(), m.BINDINGS)
        async with app.instantiate(m.Grants(files=Files(source), log=OutputStream(Log()))) as instance:
            with pytest.raises(ConversionError, match=r"does not stand behind wasi:io/streams\.input-stream"):
                await instance.call("open")


@scenario
async def test_a_grant_that_stands_behind_no_such_resource_is_refused() -> None:
    m = case("foreign")
    async with Host() as host:
        app = await host.load(pump(), m.BINDINGS)
        why = r"`log` does not fit: Log does not stand behind wasi:io/streams\.output-stream\. Mend: "
        with pytest.raises(GrantError, match=why):
            async with app.instantiate(m.Grants(files=Files(), log=Log())):
                pass


@scenario
async def test_a_stream_of_a_grant_that_is_revoked_fails() -> None:
    m = case("foreign")
    log = Log()
    files = m.FilesClient(Files()).attenuate()
    async with Host() as host:
        app = await host.load(pump(), m.BINDINGS)
        async with app.instantiate(m.Grants(files=files, log=OutputStream(log))) as instance:
            assert await instance.call("open") == 0
            files.revoke()
            assert await instance.call("copy") == 0
    assert log.text == b""


@scenario
async def test_a_read_that_waits_ends_when_its_grant_is_revoked() -> None:
    class Silent:
        def __init__(self) -> None:
            self.asked = asyncio.Event()

        async def read(self, limit: int) -> bytes:
            self.asked.set()
            await asyncio.Event().wait()
            return b""

        async def readable(self) -> None:
            await asyncio.Event().wait()

    m = case("foreign")
    log, silent = Log(), Silent()
    files = m.FilesClient(Files(InputStream(silent))).attenuate()
    async with Host() as host:
        app = await host.load(pump(), m.BINDINGS)
        async with app.instantiate(m.Grants(files=files, log=OutputStream(log))) as instance:
            assert await instance.call("open") == 0
            copying = asyncio.create_task(instance.call("copy"))
            await silent.asked.wait()
            files.revoke()
            done, _ = await asyncio.wait({copying}, timeout=30)
            assert done and await copying == 0
            assert await instance.call("open") == 1  # the guest goes on, and is told
    assert log.text == b""


@scenario
async def test_a_policy_that_cannot_see_a_stream_allows_nothing_of_it() -> None:
    m = case("foreign")
    log = Log()
    files = m.FilesClient(Files()).attenuate(Policy(calls=10))
    async with Host() as host:
        app = await host.load(pump(), m.BINDINGS)
        async with app.instantiate(m.Grants(files=files, log=OutputStream(log))) as instance:
            assert await instance.call("open") == 0
            assert await instance.call("copy") == 0
    assert log.text == b""


@scenario
async def test_methods_of_a_foreign_resource_that_nobody_serves_are_refused() -> None:
    m = case("foreign")
    component = wat("""
      (import "acme:list/types@1.4.0" (instance $t
        (export "connection" (type $c (sub resource)))
        (export "[method]connection.send" (func (param "self" (borrow $c))))))""")
    async with Host() as host:
        app = await host.load(component, m.BINDINGS)
        with pytest.raises(LinkError, match=r"imports acme:list/types@1\.4\.0, and nothing here serves that"):
            async with app.instantiate():
                pass
