"""`wasi:http/types`: fields and messages, by themselves."""

from __future__ import annotations

import pytest
from capwit.bridge import LimitExceeded, Limits

from tests.bridge.support import scenario
from tests.preview2.http_support import http_guest


@scenario
async def test_fields() -> None:
    async with http_guest() as guest:
        assert (
            await guest.exec("""
f = http.Fields()
assert f.entries() == [] and f.get("x") == [] and not f.has("x")
f.append("X-A", b"1"); f.append("b", b"\\xff"); f.append("x-a", b"2")
assert f.entries() == [("X-A", b"1"), ("b", b"\\xff"), ("x-a", b"2")]
assert f.get("x-A") == [b"1", b"2"] and f.has("X-a")
f.set("b", [b"3", b"4"])
assert f.get("B") == [b"3", b"4"]
f.delete("X-a"); f.delete("never")
assert f.entries() == [("b", b"3"), ("b", b"4")]
g = f.clone(); g.set("b", [])
assert g.entries() == [] and len(f.entries()) == 2
said = http.Fields.from_list([("a", b""), ("A", b"x")]).entries()
""")
            == "[('a', b''), ('A', b'x')]"
        )


FORBIDDEN = (
    "connection", "Host", "http2-settings", "KEEP-alive", "proxy-authenticate", "proxy-authorization",
    "proxy-connection", "transfer-encoding", "upgrade",
)  # fmt: skip


@scenario
async def test_what_is_no_field() -> None:
    async with http_guest() as guest:
        await guest.exec("f = http.Fields()")
        for name in ("", "a b", "a:", "a\\n", "ä", "a\\0"):
            assert (
                await guest.exec(f"""said = {{
                attempt(f.append, "{name}", b""), attempt(f.set, "{name}", [b""]),
                attempt(f.delete, "{name}"),
                attempt(fields, ("{name}", b""))}}""")
                == "{'InvalidSyntax'}"
            )
            assert await guest.exec(f"""said = f.get("{name}"), f.has("{name}")""") == "([], False)"
        for value in ("a\\r\\nb: c", "\\n", "\\0", "\\x7f"):
            assert (
                await guest.exec(f"""said = {{
                attempt(f.append, "a", b"{value}"), attempt(f.set, "a", [b"ok", b"{value}"]),
                attempt(fields, ("a", b"{value}"))}}""")
                == "{'InvalidSyntax'}"
            )
        for name in FORBIDDEN:
            assert (
                await guest.exec(f"""said = {{
                attempt(f.append, "{name}", b""), attempt(f.set, "{name}", [b""]),
                attempt(f.delete, "{name}"),
                attempt(fields, ("{name}", b""))}}""")
                == "{'Forbidden'}"
            )
        assert await guest.exec("said = f.entries()") == "[]"


@scenario
async def test_fields_of_a_message_do_not_change() -> None:
    async with http_guest() as guest:
        assert (
            await guest.exec("""
said = []
for message in (http.OutgoingRequest(fields(("a", b"1"))), http.OutgoingResponse(fields(("a", b"1")))):
    f = message.headers()
    said += [attempt(f.append, "a", b""), attempt(f.set, "a", []), attempt(f.delete, "a")]
    g = f.clone(); g.append("b", b"2")
    assert len(g.entries()) == 2 and message.headers().entries() == [("a", b"1")]
said = set(said)""")
            == "{'Immutable'}"
        )


@scenario
async def test_too_many_fields_end_the_guest() -> None:
    async with http_guest() as guest:
        with pytest.raises(LimitExceeded, match="the most is 131072"):
            await guest.exec("""
f = http.Fields()
for i in range(1000): f.append("a", bytes(b"x" * 200))""")


@scenario
async def test_more_fields_than_any_message_has_end_the_guest() -> None:
    async with http_guest() as guest:
        assert await guest.exec("said = len(fields(*[('a', b'')] * 2000).entries())") == "2000"
        with pytest.raises(LimitExceeded, match="more headers than 2000"):
            await guest.exec("f = fields(*[('a', b'')] * 2001)")


HOLDS = {
    "http.Fields()": 16,
    "http.OutgoingRequest(http.Fields())": 48,
    "(r := http.OutgoingResponse(http.Fields()), r.body())": 80,
}


@pytest.mark.parametrize(("made", "weight"), HOLDS.items())
@scenario
async def test_what_is_memory_of_the_host_counts_as_several_handles(made: str, weight: int) -> None:
    room = 10 * weight + 16  # a message's fields are handles of their own, for a moment
    async with http_guest(limits=Limits(handles=room)) as guest:
        await guest.exec("held = []")
        for _ in range(3):  # what is dropped makes room
            await guest.exec(f"held = [{made} for _ in range(10)]")
            await guest.exec("held = r = None")
        with pytest.raises(LimitExceeded, match="as heavy ones count as several"):
            await guest.exec(f"held = [{made} for _ in range(12)]")


@scenario
async def test_a_request_is_made_up() -> None:
    async with http_guest() as guest:
        assert (
            await guest.exec("""
r = http.OutgoingRequest(http.Fields())
said = code(r.method()), r.scheme(), r.authority(), r.path_with_query()
""")
            == "('Get', None, None, None)"
        )
        assert (
            await guest.exec("""
r.set_method(http.Method_Other("PATCH")); a = code(r.method())
r.set_method(http.Method_Other("brew")); b = code(r.method())
r.set_scheme(http.Scheme_Other("FTP")); c = code(r.scheme())
r.set_scheme(http.Scheme_Https()); d = code(r.scheme())
r.set_authority("[::1]:80"); r.set_path_with_query("/ä".encode("ascii", "ignore").decode() + "?b=c&d")
said = a, b, c, d, r.authority(), r.path_with_query()
""")
            == "('Patch', 'Other brew', 'Other ftp', 'Https', '[::1]:80', '/?b=c&d')"
        )
        assert (
            await guest.exec("""said = {
attempt(r.set_method, http.Method_Other("A B")), attempt(r.set_method, http.Method_Other("")),
attempt(r.set_scheme, http.Scheme_Other("a b")), attempt(r.set_authority, ""),
attempt(r.set_authority, "a b"), attempt(r.set_authority, "a/b"), attempt(r.set_authority, "a\\r\\nx: y"),
attempt(r.set_path_with_query, "/a b"), attempt(r.set_path_with_query, "/\\r\\n"),
attempt(r.set_path_with_query, "/#x"), attempt(r.set_path_with_query, "a"),
attempt(r.set_path_with_query, "/" * 16_385), attempt(r.set_path_with_query, "?" + "x" * 16_384),
attempt(r.set_method, http.Method_Other("a" * 256)), attempt(r.set_scheme, http.Scheme_Other("a" * 256)),
*(attempt(r.set_authority, each) for each in (
    "[::1]:x", "[::1", "a:99999", "a:0", "1.2.3.4:80:90", ":80", "a@b", "a.b." * 64))}""")
            == "{'refused'}"
        )
        assert (
            await guest.exec("""
r.set_scheme(None); r.set_authority(None); r.set_path_with_query(None)
said = r.scheme(), r.authority(), r.path_with_query()""")
            == "(None, None, None)"
        )


@scenario
async def test_a_response_is_made_up() -> None:
    async with http_guest() as guest:
        assert (
            await guest.exec("""
r = http.OutgoingResponse(http.Fields())
a = r.status_code(); r.set_status_code(404)
said = a, r.status_code(), attempt(r.set_status_code, 99), attempt(r.set_status_code, 1000), r.status_code()
""")
            == "(200, 404, 'refused', 'refused', 404)"
        )


@scenario
async def test_what_is_had_once() -> None:
    async with http_guest() as guest:
        assert (
            await guest.exec("""
said = []
for message in (http.OutgoingRequest(http.Fields()), http.OutgoingResponse(http.Fields())):
    body = message.body()
    stream = body.write()
    said += [attempt(message.body), attempt(body.write)]
""")
            == "['refused', 'refused', 'refused', 'refused']"
        )


@scenario
async def test_options() -> None:
    async with http_guest() as guest:
        assert (
            await guest.exec("""
o = http.RequestOptions()
none = o.connect_timeout(), o.first_byte_timeout(), o.between_bytes_timeout()
o.set_connect_timeout(1); o.set_first_byte_timeout(2); o.set_between_bytes_timeout(3)
some = o.connect_timeout(), o.first_byte_timeout(), o.between_bytes_timeout()
o.set_first_byte_timeout(None)
said = none, some, o.first_byte_timeout()""")
            == "((None, None, None), (1, 2, 3), None)"
        )
