"""TLS: both sides tell who they are, and who cannot is not spoken to."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from capwit import rpc
from capwit.bridge import CapError
from capwit.testing import scenario

from .far import schema
from .node import Node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of an authority, a server, a client, and a stranger whom the authority does not know."""
    if shutil.which("openssl") is None:
        pytest.skip("certificates are made by openssl. Mend: apt-get install openssl")
    folder = tmp_path_factory.mktemp("tls")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    for name in ("ca", "stranger"):
        usage = ("-addext", "keyUsage=critical,keyCertSign,digitalSignature")
        openssl(
            "req",
            "-x509",
            *key,
            "-subj",
            f"/CN={name}",
            *usage,
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.pem",
        )
    for name in ("server", "client"):
        named = ("-addext", "subjectAltName=IP:127.0.0.1") if name == "server" else ()
        openssl(
            *("req", "-x509", *key, "-subj", f"/CN={name}", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-addext", "basicConstraints=critical,CA:FALSE", *named),
            *("-keyout", f"{name}.key", "-out", f"{name}.pem"),
        )
    return folder


@asynccontextmanager
async def serving(authority: Path) -> AsyncIterator[int]:
    tls = rpc.server_tls(authority / "server.pem", authority / "server.key", clients=authority / "ca.pem")
    async with rpc.serve(schema.NodeClient(Node("secret")), "127.0.0.1:0", tls=tls) as server:
        yield server.port


def client(authority: Path, name: str = "client", ca: str = "ca") -> Any:
    files = {"certificate": authority / f"{name}.pem", "key": authority / f"{name}.key"} if name else {}
    return rpc.client_tls(ca=authority / f"{ca}.pem", **files)


@scenario
async def test_both_sides_know_whom_they_speak_to(authority: Path) -> None:
    async with (
        serving(authority) as port,
        rpc.line(f"capnps://127.0.0.1:{port}", tls=client(authority)) as far,
        await far.open(schema.NodeClient, "node.find:a") as node,
    ):
        assert await node.name() == "secret/a"
        async with await node.child("b") as child:
            await child.write(bytes(1 << 20))
            assert await child.written() == 1 << 20


@pytest.mark.parametrize(
    ("scheme", "host", "name", "ca", "why"),
    [
        ("capnps", "127.0.0.1", "client", "stranger", "its certificate is not accepted: "),
        ("capnps", "localhost", "client", "ca", "its certificate is not accepted: Hostname mismatch"),
        ("capnps", "127.0.0.1", "", "ca", "(TLS failed: .*certificate required|Peer disconnected)"),
        ("capnps", "127.0.0.1", "stranger", "ca", "(TLS failed: .*unknown ca|Peer disconnected)"),
        ("capnp", "127.0.0.1", "", "ca", "(Peer disconnected|no answer|exceeds size limit)"),
    ],
)
@scenario
async def test_whoever_is_not_known_is_not_spoken_to(
    authority: Path, scheme: str, host: str, name: str, ca: str, why: str
) -> None:
    tls = client(authority, name, ca) if scheme == "capnps" else None
    async with (
        serving(authority) as port,
        rpc.line(f"{scheme}://{host}:{port}", tls=tls, timeout=2) as far,
    ):
        with pytest.raises(CapError, match=rf"disconnected: {scheme}://{host}:{port}: {why}"):
            await far.open(schema.NodeClient)
        await asyncio.sleep(0)
    assert far.ledger.balance == 0


@scenario
async def test_a_server_without_tls_is_no_server_with_it(authority: Path) -> None:
    async with (
        rpc.serve(schema.NodeClient(Node("plain")), "127.0.0.1:0") as server,
        rpc.line(f"capnps://127.0.0.1:{server.port}", tls=client(authority), timeout=2) as far,
    ):
        with pytest.raises(CapError, match=f"{server.port}: (TLS failed|no connection|Connection)"):
            await far.open(schema.NodeClient)


def test_nobody_is_asked_for_a_passphrase(authority: Path, tmp_path: Path) -> None:
    key = tmp_path / "client.key"
    hide = ("-aes128", "-passout", "pass:secret")
    subprocess.run(
        ["openssl", "ec", "-in", authority / "client.key", "-out", key, *hide],
        check=True,
        capture_output=True,
    )
    with pytest.raises(OSError, match=r"passphrase, and nobody is there to ask\. Mend: "):
        rpc.client_tls(certificate=authority / "client.pem", key=key)
    with pytest.raises(OSError, match="the key has a passphrase"):
        rpc.server_tls(authority / "client.pem", key)
