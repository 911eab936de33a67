"""One program in Python, C and Rust: files, clocks, random bytes, arguments, streams, sockets, names, HTTP.

All print the same, under capwit and under wasmtime's own host; and what is not granted is refused honestly.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from capwit.bridge import Host, InstanceEnded
from capwit.caps import HostNetwork, HostResolver, HttpFetch, MemoryConsole, SystemEntropy
from capwit.preview2 import WasiGrants

from tests.bridge.support import scenario
from tests.http.support import served
from tests.support.beside import Command, Done, under_capwit, under_wasmtime
from tests.support.programs import PROGRAMS, program
from tests.support.web import web_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXPECTED = """\
args one käse{fail}
env red
read 23xy6 10
list b sub 0123xy6789!
again there
missing none
random True
localhost 127.0.0.1
echo hello
accepted True
heard ping
answered pong
datagrams ask answer True
web 200 a b ('GET', '/a?b=c', [('x-who', 'me')], [], 0, b'')
web 200 a b ('POST', '/echo', [('x-who', 'me')], [], 5, b'hello')
FIRST
SECOND
slept True True
"""

REFUSED = """\
args
env None
files none
random True
names denied
client denied
server denied
datagrams denied
web denied
web denied
"""


@contextmanager
def echo_server() -> Iterator[int]:
    """Send back what each connection sends, once it has ended; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                with connection, connection.makefile("rb") as stream:
                    said = stream.read()
                    if not said:
                        return
                    connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        try:
            yield port
        finally:
            socket.create_connection(("127.0.0.1", port)).close()
            thread.join()


@pytest.fixture(params=PROGRAMS)
def component(request: pytest.FixtureRequest) -> Path:
    """The component of the program in one language."""
    return program(request.param)


@pytest.mark.parametrize("fail", ["", " fail"])
@scenario
async def test_a_program_prints_the_same_in_each_language(component: Path, fail: str, tmp_path: Path) -> None:
    ours, theirs, scratch = (tmp_path / name for name in ("ours", "theirs", "scratch"))
    for folder in (ours, theirs, scratch):
        folder.mkdir()
    with web_server() as web, echo_server() as port:
        environment = {"COLOUR": "red", "WEB": web, "ECHO": str(port)}
        command = Command(component, ["one", "käse", *fail.split()], environment, b"first\nsecond\n")
        async with HttpFetch([f"http://{web}"]) as fetch:
            more = {
                "network": HostNetwork(["127.0.0.1:*"], ["127.0.0.1:0"]),
                "resolver": HostResolver(["localhost"]),
                "http": fetch,
            }
            done = await under_capwit(command, ours, more=more)
        assert done == Done(
            int(bool(fail)), EXPECTED.format(fail=fail), "to the other stream\n", {"b": b"0123xy6789!"}
        )
        if not fail:
            assert under_wasmtime(command, theirs, scratch, network=True) == done


@scenario
async def test_what_is_not_granted_is_refused(component: Path) -> None:
    out = MemoryConsole()
    async with Host() as host:
        app = await host.load(component)
        run = next(name for name in app.component.exports if name.startswith("wasi:cli/run@"))
        async with app.instantiate(WasiGrants(stdout=out, entropy=SystemEntropy())) as instance:
            with pytest.raises(InstanceEnded, match="Mend: grant `timer`"):
                await instance.call(f"{run}#run")
    assert host.ledger.balance == 0
    refused, _, streams = out.text.partition("to the other stream\n")
    assert (refused.removesuffix("no input\n"), streams) == (REFUSED, "")


@scenario
async def test_it_answers_requests(component: Path) -> None:
    code = component.read_bytes()  # noqa: ASYNC240 - of a test's own
    async with served(code) as server:
        response = await server.get("/world?a=b")
        found = response.status, response.headers["x-who"], response.text
    assert found == (203, "me", "hello, /world?a=b")
