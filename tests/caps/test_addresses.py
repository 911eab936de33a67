"""What an allow-list means: addresses, ports, names."""

from __future__ import annotations

import ipaddress

import pytest
from capwit.bridge.addresses import AddressRule, name_fits, parse_endpoint, parse_name


@pytest.mark.parametrize(
    ("rule", "inside", "outside"),
    [
        (
            "127.0.0.1:8080",
            ["127.0.0.1 8080"],
            ["127.0.0.1 8081", "127.0.0.2 8080", "127.0.0.1 0", "::1 8080"],
        ),
        ("10.0.0.0/8:*", ["10.255.0.1 1", "10.0.0.0 0", "10.0.0.1 65535"], ["11.0.0.0 1", "::a00:1 1"]),
        ("[::1]:8000-8010", ["::1 8000", "::1 8010"], ["::1 7999", "::1 8011", "::2 8000", "::1 0"]),
        ("[fd00::/8]:*", ["fdff::1 0"], ["fe80::1 0"]),
        ("*:443", ["1.2.3.4 443", "::1 443"], ["1.2.3.4 444"]),
        ("127.0.0.1:0", ["127.0.0.1 0"], ["127.0.0.1 1"]),
        ("0.0.0.0/0:1", ["0.0.0.0 1", "255.255.255.255 1"], ["::ffff:127.0.0.1 1"]),
        ("[::]:1", [":: 1"], ["::1 1"]),
    ],
)
def test_what_a_rule_admits(rule: str, inside: list[str], outside: list[str]) -> None:
    parsed = AddressRule.parse(rule)
    for texts, admitted in ((inside, True), (outside, False)):
        for text in texts:
            ip, port = text.split()
            assert parsed.admits(ipaddress.ip_address(ip), int(port)) is admitted, text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("127.0.0.1", "expected addresses such as"),
        ("127.0.0.1:", "expected addresses such as"),
        ("127.0.0.1:http", "expected addresses such as"),
        ("127.0.0.1:65536", "ports go from 0 to 65535"),
        ("127.0.0.1:9-8", "the smaller one first"),
        ("10.0.0.1/8:1", "has host bits set"),
        ("127.1:1", "does not appear to be"),
        ("2130706433:1", "does not appear to be"),
        ("::1:80", "expected addresses such as"),
        ("[::1:80", "expected addresses such as"),
        ("[127.0.0.1]:80:", "expected addresses such as"),
        ("[::ffff:127.0.0.1]:80", "Mend: write it as one"),
        ("[::ffff:0:0/100]:80", "Mend: write it as one"),
        ("localhost:80", "Mend: give its addresses, and grant the name to a resolver"),
        ("", "expected addresses such as"),
        ("[fe80::1%1]:1", "expected addresses such as"),
        ("١٢٧.0.0.1:1", "does not appear to be"),
        ("127.0.0.1:٨٠", "expected addresses such as"),
    ],
)
def test_what_is_no_rule(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AddressRule.parse(text)


@pytest.mark.parametrize(
    ("narrow", "wide", "within"),
    [
        ("127.0.0.1:80", "127.0.0.0/8:*", True),
        ("127.0.0.0/8:80", "127.0.0.1:*", False),
        ("127.0.0.1:*", "127.0.0.1:1-65535", False),
        ("127.0.0.1:80-90", "*:80-90", True),
        ("*:80", "*:*", True),
        ("*:80", "0.0.0.0/0:*", False),
        ("[::1]:80", "0.0.0.0/0:*", False),
        ("[::1]:80", "[::/0]:*", True),
    ],
)
def test_a_rule_within_another_one(narrow: str, wide: str, within: bool) -> None:
    assert AddressRule.parse(narrow).within(AddressRule.parse(wide)) is within


def test_an_endpoint() -> None:
    assert parse_endpoint("[::1]:80") == (ipaddress.ip_address("::1"), 80)
    for text in ("*:80", "10.0.0.0/8:80", "127.0.0.1:*", "127.0.0.1:1-2"):
        with pytest.raises(ValueError, match="expected an address such as"):
            parse_endpoint(text)


def test_names() -> None:
    assert parse_name("Example.COM.") == "example.com"
    patterns = [parse_name(text) for text in ("example.com", "*.internal")]
    fitting = ["example.com", "a.internal", "a.b.internal"]
    assert [
        name for name in (*fitting, "a.example.com", "internal", "xinternal", "") if name_fits(name, patterns)
    ] == (fitting)
    assert name_fits("anything", ["*"])
    for text in ("", ".", "a b", "*.*", "a*", "..", "a..b", "-", "x" * 300):
        with pytest.raises(ValueError, match="expected names such as"):
            parse_name(text)
