"""The network on the command line and in manifests: what a program is granted, and what its host gives."""

from __future__ import annotations

import json
import socket
import threading
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import ManifestError
from capwit.bridge.holdings import EVERYWHERE
from capwit.caps.net import NetworkError
from capwit.cli import exits
from capwit.cli.network import with_network
from capwit.manifest import Standard
from capwit.manifest.host_policy import parse_policy
from capwit.program import MACHINE, parse_manifest

from tests.preview1.support import GUESTS
from tests.support.guests import wasi_guest

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCAL = "127.0.0.1"


def http() -> Path:
    return wasi_guest(GUESTS / "http.c")


@pytest.fixture
def server() -> Iterator[str]:
    """Somebody who answers one request; yields their address."""

    def answer() -> None:
        theirs, _ = listener.accept()
        with theirs:
            theirs.recv(4096)
            theirs.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello")

    with socket.create_server((LOCAL, 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=answer)
        thread.start()
        yield f"{LOCAL}:{listener.getsockname()[1]}"
        thread.join()


def free_port() -> int:
    with socket.create_server((LOCAL, 0)) as one:
        return int(one.getsockname()[1])


def test_a_module_is_given_a_connection(capwit: Any, server: str) -> None:
    done = capwit("run", "--connect", server, http(), "fetch", "3", "/")
    assert (done.code, done.out, done.err) == (0, "HTTP/1.0 200: hello\n", "")


def test_a_module_is_given_a_listener_behind_its_folders(capwit: Any, tmp_path: Path) -> None:
    port = free_port()
    answers: list[bytes] = []

    def ask() -> None:
        for _ in range(500):
            try:
                with socket.create_connection((LOCAL, port)) as client:
                    client.sendall(b"GET /end HTTP/1.0\r\n\r\n")
                    answers.append(client.makefile("rb").read())
                    return
            except ConnectionRefusedError:
                threading.Event().wait(0.01)

    asking = threading.Thread(target=ask)
    asking.start()
    done = capwit("run", "--dir", tmp_path, "--listen", f"{LOCAL}:{port}", "--ledger", http(), "serve", "4")
    asking.join()
    assert done.code == 0 and "balance 0" in done.err and f"wasi.sockets.{LOCAL}:{port}" in done.err
    assert answers[0].endswith(b"you asked for /end")


def test_nothing_is_given_by_itself(capwit: Any) -> None:
    assert capwit("run", http(), "serve", "3").out == "accept: Bad file descriptor\n"


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--listen", "localhost:80"), "has a name. Mend: give its addresses"),
        (("--connect", "10.0.0.0/8"), "expected addresses such as"),
        (("--connect", "10.0.0.0/8:*"), "a wasip1 module gets an open socket: expected an address"),
        (("--resolve", "a b"), "expected names such as"),
        (("--resolve", "example.com"), "a wasip1 module cannot look names up"),
        (("--allow-listen", "x"), "expected addresses such as"),
    ],
)
def test_wrong_usage(capwit: Any, option: tuple[str, str], words: str) -> None:
    done = capwit("run", *option, http())
    assert done.code == exits.USAGE and words in done.err


ASKS = """
  (import "wasi:sockets/network@0.2.0" (instance $n
    (type $family' (enum "ipv4" "ipv6")) (export "ip-address-family" (type $family (eq $family')))
    (type $code' (enum {codes})) (export "error-code" (type $code (eq $code')))))
  (alias export $n "ip-address-family" (type $family))
  (alias export $n "error-code" (type $code))
  (import "wasi:sockets/tcp@0.2.0" (instance $t (export "tcp-socket" (type $s (sub resource)))))
  (alias export $t "tcp-socket" (type $socket))
  (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $c
    (export "tcp-socket" (type $own (eq $socket)))
    (export "ip-address-family" (type $f (eq $family)))
    (export "error-code" (type $e (eq $code)))
    (export "create-tcp-socket"
      (func (param "address-family" $f) (result (result (own $own) (error $e)))))))
  (core module $m (memory (export "memory") 1))
  (core instance $m (instantiate $m))
  (alias core export $m "memory" (core memory $memory))
  (core func $create (canon lower (func $c "create-tcp-socket") (memory $memory)))
  (core module $main (import "" "create" (func $create (param i32 i32))) (import "" "memory" (memory 1))
    (func (export "run") (result i32)
      (call $create (i32.const 0) (i32.const 8)) (i32.load8_u (i32.const 8))))
  (core instance $main (instantiate $main (with "" (instance
    (export "create" (func $create)) (export "memory" (memory $memory))))))
  (func (export "run") (result u32) (canon lift (core func $main "run")))
"""


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ((), 1),
        (("--connect", "10.0.0.0/8:*"), 0),
        (("--listen", "127.0.0.1:0", "--listen", "127.0.0.1:1"), 0),
        (("--resolve", "example.com"), 1),
    ],
)
def test_a_component_is_given_a_network(
    capwit: Any, component: Any, options: tuple[str, ...], refused: int
) -> None:
    codes = " ".join(f'"{error.value}"' for error in NetworkError)
    done = capwit("run", "--json", *options, component(ASKS.replace("{codes}", codes)))
    assert json.loads(done.out)["result"] == refused


def test_what_the_options_give_is_added_to_the_manifest() -> None:
    given = {"connect": ["10.0.0.0/8:*"], "listen": [], "resolve": ["a.example"]}
    wasi = {"network": {"connect": ["127.0.0.1:1"], "sockets": 3}}
    holdings = replace(MACHINE, connect=EVERYWHERE)
    manifest = parse_manifest({"module": "x", "wasi": wasi}, Path("app.toml"), holdings)
    told = with_network(manifest, Namespace(**given), module=False)
    connect = ["127.0.0.1:1", "10.0.0.0/8:*"]
    assert told.wasi == {
        "network": Standard("network", {"connect": connect, "listen": [], "sockets": 3}),
        "resolver": Standard("resolver", {"names": ["a.example"]}),
    }
    assert manifest.wasi == {"network": Standard("network", wasi["network"])}


def test_a_component_is_given_no_open_sockets(capwit: Any, component: Any, tmp_path: Path) -> None:
    component("(component)")
    manifest = tmp_path / "app.toml"
    manifest.write_text(
        'module = "small.wasm"\n[wasi.sockets.web]\nkind = "tcp_listener"\naddress = "127.0.0.1:0"\n'
    )
    done = capwit("run", "--allow-listen", "127.0.0.1:*", manifest)
    assert done.code == exits.BAD_MANIFEST
    assert "is a component, which opens its sockets itself. Mend: grant it `network`" in done.err


def test_an_address_that_cannot_be_had(capwit: Any) -> None:
    done = capwit("run", "--listen", "192.0.2.1:0", http(), "serve", "3")
    assert done.code == exits.UNAVAILABLE
    assert "wasi.sockets.192.0.2.1:0: cannot be listened at: address-not-bindable. Mend: name an" in done.err


@pytest.mark.parametrize("kind", ["tcp_listener", "udp_socket"])
def test_an_address_of_a_manifest_that_somebody_has(capwit: Any, tmp_path: Path, kind: str) -> None:
    of = socket.SOCK_STREAM if kind == "tcp_listener" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, of) as other:
        other.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{other.getsockname()[1]}"
        manifest = tmp_path / "app.toml"
        manifest.write_text(
            f'module = "{http()}"\n[wasi.sockets.web]\nkind = "{kind}"\naddress = "{address}"\n'
        )
        done = capwit("run", "--allow-listen", "127.0.0.1:*", manifest)
    assert done.code == exits.UNAVAILABLE
    assert "app.toml: wasi.sockets.web: cannot be listened at: address-in-use. Mend: name an" in done.err


def test_a_manifest_names_sockets(capwit: Any, tmp_path: Path, server: str) -> None:
    manifest = tmp_path / "app.toml"
    manifest.write_text(f"""module = "{http()}"\nargs = ["http", "fetch", "7", "/"]
[wasi]\nstdout = true\n[wasi.sockets.web]\nfd = 7\nkind = "tcp_socket"\naddress = "{server}"\n""")
    done = capwit("run", manifest)
    assert done.code == exits.BAD_MANIFEST
    assert f"wasi.sockets.web.address: the host does not give '{server}' to connect to" in done.err
    assert f"Mend: --allow-connect {server}, or `connect` in its policy" in done.err
    done = capwit("run", "--allow-connect", "127.0.0.0/8:*", "--deny-unused", manifest)
    assert (done.code, done.out) == (0, "HTTP/1.0 200: hello\n")
    inspected = capwit("inspect", "--allow-connect", server, manifest)
    assert "wasi.sockets.web" in inspected.out and "never used" not in inspected.out


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"network": {"connect": ["10.0.0.0/7:*"]}}, "connect: the host does not give '10.0.0.0/7:*'"),
        ({"network": {"listen": ["*:8080"]}}, "does not give '*:8080' to listen at. Mend: --allow-listen"),
        ({"network": {"connect": "10.0.0.1:1"}}, "wasi.network.connect: expected a list of addresses"),
        ({"network": {"listen": [1]}}, "wasi.network.listen: expected a list of addresses"),
        ({"network": {"connect": ["db:1"]}}, "has a name. Mend"),
        ({"network": {"sockets": 0}}, "wasi.network.sockets: expected a whole number"),
        ({"network": {"peers": []}}, "wasi.network.peers: unknown key; known are connect, listen, sockets"),
        ({"resolver": {"names": ["*"]}}, "does not give '*' to look up. Mend: --allow-resolve *"),
        ({"resolver": {"names": "a"}}, "wasi.resolver.names: expected a list of names"),
        ({"resolver": {"hosts": {"db": "10.0.0.1"}}}, "wasi.resolver.hosts: expected a table"),
        ({"resolver": {"hosts": {"db": [1]}}}, "wasi.resolver.hosts: expected a table"),
        ({"resolver": {"hosts": {"db": ["x"]}}}, "does not appear to be"),
        ({"sockets": {"a": {}}}, "wasi.sockets.a.kind: missing; expected one of tcp_listener"),
        ({"sockets": {"a": {"kind": "console"}}}, "wasi.sockets.a.kind: expected one of tcp_listener"),
        ({"sockets": {"a": {"kind": "tcp_listener"}}}, "sockets.a.address: missing; expected an address"),
        ({"sockets": {"a": {"kind": "tcp_listener", "address": "*:80"}}}, "expected an address such as"),
        ({"sockets": {"a": {"kind": "udp_socket", "address": 1}}}, "expected an address"),
        ({"sockets": {"a": {"kind": "udp_socket", "peer": "11.0.0.1:53"}}}, "does not give '11.0.0.1:53'"),
        ({"sockets": {"a": {"kind": "tcp_listener", "fd": 2}}}, "sockets.a.fd: expected"),
        (
            {"preopens": {"/": {"path": ".", "fd": 4}}, "sockets": {"a": {"fd": 4}}},
            "wasi.sockets.a.fd: '/' has 4 already",
        ),
        ({"sockets": []}, "wasi.sockets: expected a table of sockets"),
    ],
)  # fmt: skip
def test_a_manifest_only_narrows_what_the_host_gives(table: dict[str, Any], words: str) -> None:
    policy = {"connect": ["10.0.0.0/8:*"], "listen": ["*:0"], "names": ["*.example.com"]}
    holdings, _ = parse_policy(policy, Path("host.toml"))
    with pytest.raises(ManifestError) as caught:
        parse_manifest({"module": "x", "wasi": table}, Path("app.toml"), holdings)
    assert words in str(caught.value)


def test_what_a_host_gives() -> None:
    policy = {"connect": ["10.0.0.0/8:*"], "listen": ["*:0"], "names": ["*.example.com"]}
    holdings, _ = parse_policy(policy, Path("host.toml"))
    wasi: dict[str, dict[str, Any]] = {
        "network": {"connect": ["10.1.0.0/16:80-90"], "listen": [f"{LOCAL}:0"], "sockets": 3},
        "resolver": {"names": ["*.b.example.com", "a.example.com"], "hosts": {"db": ["192.0.2.1"]}},
    }
    manifest = parse_manifest({"module": "x", "wasi": wasi}, Path("app.toml"), holdings)
    assert manifest.wasi == {kind: Standard(kind, options) for kind, options in wasi.items()}
    for key in wasi:
        with pytest.raises(ManifestError, match="the host does not give"):
            parse_manifest({"module": "x", "wasi": {key: wasi[key]}}, Path("app.toml"), MACHINE)
    for key in policy:
        with pytest.raises(ManifestError, match=rf"host.toml: {key}: expected"):
            parse_policy({key: [" "]}, Path("host.toml"))
