"""Grants of other processes, by manifest and command line: what they may name, and how they are refused."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from capwit import rpc
from capwit.bridge import Host
from capwit.bridge.addresses import AddressRule
from capwit.bridge.errors import GrantError, ManifestError
from capwit.bridge.peers import PeerAddress, Step
from capwit.caps import SystemEntropy
from capwit.caps.standard import EntropySourceClient
from capwit.cli import exits
from capwit.codegen import generate, write
from capwit.manifest.declared import Remote
from capwit.manifest.host_policy import parse_policy
from capwit.program import MACHINE, assemble_repeated, parse_manifest
from capwit.program.needs import describe
from capwit.testing import scenario

from tests.support.guests import c_guest

from .far import guest, schema
from .node import Node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]
KV = ROOT / "examples" / "kv"
HERE = Path("/srv/app/app.toml")
GIVEN = replace(
    MACHINE,
    connect=(AddressRule.parse("10.0.0.0/8:9000"),),
    unix=(Path("/run/stores"),),
    names=("*.example.org",),
)


def remote(table: dict[str, Any] | str, holdings: Any = GIVEN) -> Any:
    given = {"remote": table} if isinstance(table, str) else table
    return parse_manifest({"module": "x", "grants": {"far": given}}, HERE, holdings).grants["far"]


def test_what_a_manifest_says_of_a_remote_grant() -> None:
    assert remote("capnp://10.0.0.1:9000") == Remote(PeerAddress("10.0.0.1", 9000), reach=GIVEN.connect)
    assert remote("unix:/run/stores/a").peer == PeerAddress(socket="/run/stores/a")
    found = remote(
        {
            "remote": "capnps://db.example.org:9000#store.open:a%2Fb/bucket.view:x:y",
            "reconnect": "30s",
            "timeout": 2,
            "ca": "ca.pem",
        }
    )
    assert found == Remote(
        PeerAddress("db.example.org", 9000, tls=True),
        (Step("store", "open", ("a/b",)), Step("bucket", "view", ("x", "y"))),
        files={"ca": Path("/srv/app/ca.pem")},
        times={"reconnect": 30.0, "timeout": 2.0},
        reach=GIVEN.connect,
    )
    assert describe(found) == "capnps://db.example.org:9000#store.open:a%2Fb/bucket.view:x:y"


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("10.0.0.1:9000", r"expected a peer such as 'capnp://127\.0\.0\.1:9000'"),
        ("capnp://10.0.0.1", "expected a peer such as"),
        ("capnp://10.0.0.1:99999", "expected a peer such as"),
        ("http://10.0.0.1:9000", "expected a peer such as"),
        ("capnp://10.0.0.1:9000#open", "expected steps such as"),
        ("capnp://10.0.0.1:9000#" + "a.b/" * 5000, "expected steps such as"),
        ("capnp://11.0.0.1:9000", r"'11\.0\.0\.1:9000' to connect to\. Mend: --allow-connect 11"),
        ("capnp://10.0.0.1:9001", "does not give '10.0.0.1:9001' to connect to"),
        ("capnp://[::1]:9000", r"does not give '\[::1\]:9000' to connect to"),
        ("capnp://example.com:9000", r"does not give 'example\.com' to look up\. Mend: --allow-resolve"),
        ("unix:/run/other", r"to connect to\. Mend: --allow-connect unix:/run/other"),
        ("unix:/run/stores/../other", "does not give"),
        ("unix:app.sock", "does not give"),
        ({"remote": 5}, "expected a peer such as"),
        ({"remote": "unix:/run/stores/a", "kind": "console"}, "kind: unknown key"),
        ({"remote": "unix:/run/stores/a", "reconnect": "often"}, "reconnect: expected a time"),
        ({"remote": "unix:/run/stores/a", "ca": "ca.pem"}, "ca: unix:/run/stores/a is not TLS. Mend: capnps://"),
        ({"remote": "capnps://10.0.0.1:9000", "ca": "/etc/ca.pem"}, "outside of the manifest's folder"),
        ({"remote": "capnps://10.0.0.1:9000", "key": "a"}, "a certificate and its key go together"),
    ],
)  # fmt: skip
def test_a_manifest_names_what_the_host_gives_and_nothing_else(table: Any, why: str) -> None:
    with pytest.raises(ManifestError, match=rf"^/srv/app/app\.toml: grants\.far\..*{why}"):
        remote(table)


def test_a_policy_gives_sockets_and_addresses() -> None:
    given = {"connect": ["10.0.0.0/8:*", "unix:/run/stores", "unix:own.sock"]}
    holdings, _ = parse_policy(given, Path("/etc/host.toml"))
    assert holdings.unix == (Path("/run/stores"), Path("/etc/own.sock"))
    assert remote("unix:/run/stores/a", holdings).peer.socket == "/run/stores/a"
    assert remote("capnp://10.1.1.1:1", holdings).peer.port == 1


@asynccontextmanager
async def program(tmp_path: Path, far: str, **more: Any) -> AsyncIterator[Any]:
    table = {
        "module": str(guest()),
        "grants": {"far": {"remote": far, **more}},
    }
    holdings = replace(
        MACHINE, connect=(AddressRule.parse("127.0.0.0/8:*"),), unix=(tmp_path,), folders=(ROOT, tmp_path),
        names=("localhost",), code_folders=(ROOT,),
    )  # fmt: skip
    async with Host() as host:
        manifest = parse_manifest(table, tmp_path / "app.toml", holdings)
        async with assemble_repeated(host, manifest) as made, made.start() as instance:
            yield instance
        assert host.ledger.balance == 0


@scenario
async def test_a_grant_by_tcp_by_name_and_by_steps(tmp_path: Path) -> None:
    async with rpc.serve(schema.NodeClient(Node("far")), "127.0.0.1:0") as server:
        for address in (f"capnp://127.0.0.1:{server.port}", f"capnp://localhost:{server.port}"):
            async with (
                program(tmp_path, f"{address}#node.find:a") as instance,
                await instance.export(schema.RunnerClient) as runner,
            ):
                assert await runner.run("fFN") == "far/a/c"


@scenario
async def test_what_is_no_such_thing_is_refused_before_the_guest_runs(tmp_path: Path) -> None:
    other = EntropySourceClient(SystemEntropy())
    async with rpc.serve(other, f"unix:{tmp_path}/other"), rpc.serve(other, "127.0.0.1:0") as tcp:
        where = rf"^{tmp_path}/app\.toml: grants\.far: "
        for far, error, why in (
            (
                f"unix:{tmp_path}/other",
                GrantError,
                r"/other: it is no test:far/far@0\.1\.0\.node\. Mend: name a",
            ),
            (f"unix:{tmp_path}/none", ManifestError, "/none: No such file or directory"),
            (f"unix:{tmp_path}/other#node.find:a", GrantError, "/other: node.find:a: "),
            ("capnp://127.0.0.1:1", ManifestError, "capnp://127.0.0.1:1: Connection refused"),
        ):
            with pytest.raises(error, match=where + f".*{why}"):
                async with program(tmp_path, far):
                    raise AssertionError("it has started")
        # A name leads nowhere but to addresses that the host gives.
        table = {"module": str(guest()), "grants": {"far": {"remote": f"capnp://localhost:{tcp.port}"}}}
        elsewhere = (AddressRule.parse("10.0.0.0/8:*"),)
        holdings = replace(MACHINE, folders=(ROOT,), names=("*",), connect=elsewhere)
        manifest = parse_manifest(table, tmp_path / "app.toml", holdings)
        async with Host() as host:
            with pytest.raises(ManifestError, match=r"it is at .*, which the host does not give"):
                async with assemble_repeated(host, manifest):
                    pass


@pytest.mark.parametrize("what", ["socket", "folder"])
@scenario
async def test_a_link_that_comes_later_leads_nowhere(tmp_path: Path, what: str) -> None:
    given, other = tmp_path / "given", tmp_path / "other"
    for each in (given / "in", other):
        each.mkdir(parents=True)
    table = {"module": str(guest()), "grants": {"far": {"remote": f"unix:{given}/in/s"}}}
    manifest = parse_manifest(table, tmp_path / "app.toml", replace(MACHINE, folders=(ROOT,), unix=(given,)))
    async with rpc.serve(schema.NodeClient(Node("other")), f"unix:{other}/s"), Host() as host:
        if what == "socket":
            (given / "in" / "s").symlink_to(other / "s")
        else:
            (given / "in").rmdir()
            (given / "in").symlink_to(other)
        with pytest.raises(ManifestError, match="has become a link, which the host does not give"):
            async with assemble_repeated(host, manifest):
                pass


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, built, whose manifest has no store."""
    top = tmp_path_factory.mktemp("kv")
    write(generate(KV / "kv.capnp").files, top / "kv")
    shutil.copy(c_guest(KV / "guest.c", top / "kv" / "wit", "app"), top / "app.wasm")
    (top / "app.toml").write_text(
        'module = "app.wasm"\nbindings = "kv/kv.py"\n[grants.console]\nkind = "console"\n'
    )
    return top


@scenario
async def test_a_grant_on_the_command_line(example: Path, tmp_path: Path) -> None:
    async def run(*options: str, manifest: str = "app.toml") -> tuple[int, str, str]:
        command = (sys.executable, "-m", "capwit.cli.main", "run", *options, str(example / manifest))
        process = await asyncio.create_subprocess_exec(*command, stdout=-1, stderr=-1)
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    address = f"unix:{tmp_path}/kv"
    async with _kv(address, example):
        code, out, err = await run("--json", "--grant", f"store={address},reconnect=1s")
        assert code == 0, err
        assert json.loads(out)["ledger"]["balance"] == 0
        assert err.startswith("stored in memory\napple is red, 3 bytes\n")
        code, _, err = await run("--grant", f"store={address}", "--grant", f"summarizer={address}")
        assert code == exits.NOT_GRANTED
        assert err == (
            f"capwit: {example}/app.toml: grants.summarizer: {address}: "
            "it is no demo:kv/kv@0.1.0.summarizer. Mend: name a peer that offers one\n"
        )
        code, _, err = await run("--grant", f"store={address},often=yes")
        assert code == exits.USAGE
        assert "grants.store.often: unknown key" in err
        (tmp_path / "policy.toml").write_text(f'[caps.kv]\nremote = "{address}"\n')
        for name, ends, told in (  # what it has to be, the program says
            ("store", 0, "apple is red, 3 bytes"),
            ("summarizer", exits.NOT_GRANTED, "it is no demo:kv/kv@0.1.0.summarizer"),
        ):
            given = example / f"{name}.toml"
            given.write_text((example / "app.toml").read_text() + f'[grants.{name}]\ngiven = "kv"\n')
            code, out, err = await run("--policy", f"{tmp_path}/policy.toml", manifest=given.name)
            assert (code, told in out + err) == (ends, True), err


@asynccontextmanager
async def _kv(address: str, example: Path) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.rpc.peer", "kv", address, str(example / "kv")), stdout=-1, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.kill()
        await process.wait()
