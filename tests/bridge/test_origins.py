"""Which servers a list of origins allows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from capwit.bridge.errors import ManifestError
from capwit.bridge.holdings import Holdings
from capwit.bridge.origins import OriginRule, Origins, read_origin
from capwit.manifest import Standard, parse_manifest
from capwit.manifest.kinds import everything

ALLOWED = [
    ("https://api.example.org", "https", "api.example.org"),
    ("https://api.example.org", "https", "API.Example.Org."),
    ("https://api.example.org", "https", "api.example.org:443"),
    ("https://API.example.org/", "https", "api.example.org"),
    ("http://api.example.org:8080", "http", "api.example.org:8080"),
    ("http://*.example.org", "http", "a.example.org"),
    ("http://*.example.org", "http", "a.b.example.org:80"),
    ("http://localhost:*", "http", "localhost:9"),
    ("https://*:*", "https", "anything:1234"),
    ("https://*", "https", "anything"),
    ("http://[::1]:80", "http", "[0:0:0:0:0:0:0:1]"),
    ("http://127.0.0.1", "http", "127.0.0.1"),
]
REFUSED = [
    ("https://api.example.org", "http", "api.example.org"),
    ("https://api.example.org", "http", "api.example.org:443"),
    ("https://api.example.org", "https", "api.example.org:444"),
    ("https://api.example.org", "https", "api.example.org.evil.test"),
    ("https://api.example.org", "https", "evil.test:443"),
    ("https://api.example.org", "https", "example.org"),
    ("https://*.example.org", "https", "example.org"),
    ("https://*.example.org", "https", "badexample.org"),
    ("https://*.example.org", "https", "example.org.evil.test"),
    ("http://127.0.0.1", "http", "127.1"),
    ("http://127.0.0.1", "http", "2130706433"),
    ("http://127.0.0.1", "http", "[::ffff:127.0.0.1]"),
    ("https://*", "https", "anything:444"),
]
NO_ORIGIN = [
    ("https", ""),
    ("https", "a:b"),
    ("https", "a:"),
    ("https", "a:0"),
    ("https", "a:65536"),
    ("https", "user@api.example.org"),
    ("https", "api.example.org@evil.test"),
    ("https", "api.example.org/"),
    ("https", "api.example.org#x"),
    ("https", "api.example.org\\@evil.test"),
    ("https", "api.example.org "),
    ("https", "api.example.org\r\nhost: evil.test"),
    ("https", "api..example.org"),
    ("https", ".example.org"),
    ("https", "ex\u00e4mple.org"),
    ("https", "api.example.org\u3002evil"),
    ("https", "[::1"),
    ("https", "[::1]x"),
    ("https", "[:::::]"),
    ("https", "a" * 300),
    ("ftp", "api.example.org"),
    ("", "api.example.org"),
    ("HTTPS", "api.example.org"),
]


@pytest.mark.parametrize(("pattern", "scheme", "authority"), ALLOWED)
def test_allowed(pattern: str, scheme: str, authority: str) -> None:
    origin = read_origin(scheme, authority)
    assert origin is not None and origin in Origins(["http://elsewhere.test", pattern])


@pytest.mark.parametrize(("pattern", "scheme", "authority"), REFUSED)
def test_not_allowed(pattern: str, scheme: str, authority: str) -> None:
    origin = read_origin(scheme, authority)
    assert origin is not None and origin not in Origins([pattern])
    assert origin not in Origins([])


@pytest.mark.parametrize(("scheme", "authority"), NO_ORIGIN)
def test_no_origin(scheme: str, authority: str) -> None:
    assert read_origin(scheme, authority) is None


@pytest.mark.parametrize(
    "pattern",
    ["", "api.example.org", "ftp://a", "https://", "https://a/b", "https://a:0", "https://a:65536",
     "https://a b", "https://*a", "https://a.*", "https://[::1", "https://[:::]", "https://u@a", "*", 7],
)  # fmt: skip
def test_no_pattern(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"^expected an origin such as"):
        Origins([pattern])


OWNER = everything(Path("/"))


def asked(http: Any, holdings: Holdings = OWNER) -> dict[str, Any]:
    """Return what is behind WASI's imports where a manifest says this of `http`."""
    return parse_manifest({"module": "x", "wasi": {"http": http}}, Path("app.toml"), holdings).wasi


def test_a_manifest_names_servers() -> None:
    assert asked({"allow": ["https://a", "http://b:*"], "methods": ["GET"]}) == {
        "http": Standard("fetch", {"allow": ["https://a", "http://b:*"], "methods": ["GET"]})
    }
    assert asked({"allow": "https://a"}) == {"http": Standard("fetch", {"allow": ["https://a"]})}
    assert asked(False) == {}


@pytest.mark.parametrize(
    ("http", "error"),
    [
        (True, "wasi.http.allow: missing"),
        ({}, "wasi.http.allow: missing"),
        ({"allow": []}, "wasi.http.allow: expected an origin such as"),
        ({"allow": [7]}, "wasi.http.allow: expected an origin such as"),
        ({"allow": "a.test"}, "wasi.http.allow: expected an origin such as"),
        ({"allow": "https://a", "methods": ["A B"]}, "wasi.http.methods: expected a method"),
        ({"allow": "https://a", "servers": 1}, "wasi.http.servers: unknown"),
    ],
)
def test_a_manifest_names_none(http: Any, error: str) -> None:
    with pytest.raises(ManifestError, match=error):
        asked(http)


@pytest.mark.parametrize(
    ("given", "inside", "outside"),
    [
        ("https://a.test", ["https://a.test", "https://A.test:443"],
         ["http://a.test", "https://a.test:444", "https://a.test:*", "https://*.a.test", "https://b.a.test",
          "https://*"]),
        ("https://*.a.test:*", ["https://b.a.test", "https://*.a.test:9", "https://*.b.a.test:*"],
         ["https://a.test", "https://*", "https://*.test", "https://xa.test", "http://b.a.test"]),
        ("http://*:80", ["http://*", "http://[::1]", "http://*.test"], ["http://*:*", "https://*:80"]),
        ("http://*:*", ["http://*:*", "http://a:1"], ["https://*:*"]),
    ],
)  # fmt: skip
def test_a_manifest_only_narrows_what_the_host_gives(
    given: str, inside: list[str], outside: list[str]
) -> None:
    holdings = Holdings(kinds=frozenset({"fetch"}), fetch=(OriginRule.parse(given),))
    for text in inside:
        assert asked({"allow": text}, holdings)
    for text in outside:
        with pytest.raises(ManifestError, match=r"the host does not give .* Mend: --allow-fetch "):
            asked({"allow": text}, holdings)
    with pytest.raises(ManifestError, match="the host does not give"):
        asked({"allow": inside}, Holdings(kinds=frozenset({"fetch"})))
