"""Probes of UDP, and of names."""

M = udp.OutgoingDatagram


def send(stream, *datagrams):
    """Send, once it is allowed."""
    while not stream.check_send():
        wait(stream)
    return stream.send(list(datagrams))


def receive(stream, most=99):
    """Receive something."""
    wait(stream)
    return stream.receive(most)


def states(d):
    u = new_udp(V4)
    say(
        "new",
        attempt(u.finish_bind),
        attempt(u.stream, None),
        attempt(u.local_address),
        attempt(u.remote_address),
    )
    with u.subscribe() as ready:
        say("ready", ready.ready(), u.address_family())
    say("binding", u.start_bind(net, at(0)), attempt(u.start_bind, net, at(0)))
    wait(u)
    say(
        "bound",
        u.finish_bind(),
        attempt(u.finish_bind),
        attempt(u.start_bind, net, at(0)),
        attempt(u.remote_address),
    )
    say("at", u.local_address().value.address)
    close(u)


def to_and_fro(d):
    u, v = bound(new_udp(V4)), bound(new_udp(V4))
    here, there = port_of(u), port_of(v)
    (i, o), (j, q) = u.stream(None), v.stream(None)
    say("at first", i.receive(10), i.receive(0), o.check_send() > 0, attempt(o.send, []))
    say("to nobody", attempt(send, o, M(b"x", None)))
    say("sent", send(o, M(b"one", at(there)), M(b"two", at(there)), M(b"", at(there))))
    found = receive(j)
    say("found", [(each.data, each.remote_address == u.local_address()) for each in found], j.receive(10))
    with j.subscribe() as readable, o.subscribe() as writable:
        say("ready", readable.ready(), writable.ready())
    for port, host in ((0, "127.0.0.1"), (there, "0.0.0.0"), (there, "::1")):
        say(f"to {host}", attempt(send, o, M(b"x", at(port, host))))
    say("largest", attempt(send, o, M(bytes(65507), at(there))), len(receive(j)[0].data))
    say("too large", attempt(send, o, M(bytes(65508), at(there))))
    say(
        "some",
        attempt(send, o, M(b"ok", at(there)), M(b"x", at(0))),
        attempt(send, o, M(b"x", at(0)), M(b"no", at(there))),
    )
    say("only that", [each.data for each in receive(j)])
    close(i, o)
    i, o = u.stream(at(there))
    say("peer", u.remote_address().value.port == there)
    say(
        "to the peer",
        send(o, M(b"a", None)),
        send(o, M(b"b", at(there))),
        attempt(send, o, M(b"c", at(here))),
    )
    found = []
    while len(found) < 2:
        found += receive(j)
    say("found", [each.data for each in found])
    with bound(new_udp(V4)) as w:
        k, m = w.stream(None)
        send(m, M(b"stranger", at(here))), send(q, M(b"friend", at(here)))
        say("only the peer", [each.data for each in receive(i)])
        close(k, m)
    close(i, o)
    i, o = u.stream(None)
    say("no peer", attempt(u.remote_address), send(o, M(b"d", at(there))), [each.data for each in receive(j)])
    close(i, o, j, q, u, v)


def nobody_there(d):
    u, v = bound(new_udp(V4)), bound(new_udp(V4))
    there = port_of(v)
    close(v)
    i, o = u.stream(at(there))
    say("sent", attempt(send, o, M(b"x", None)))
    close(i, o, u)


def many(d):
    u, v = bound(new_udp(V4)), bound(new_udp(V4))
    (i, o), (j, q) = u.stream(None), v.stream(None)
    sent, found = 0, []
    while sent < 40:
        allowed = o.check_send()
        sent += o.send([M(b"%d" % n, at(port_of(v))) for n in range(sent, min(40, sent + allowed))])
    while len(found) < 40:
        found += receive(j)
    say("all", [int(each.data) for each in found] == list(range(40)))
    close(i, o, j, q, u, v)


def options(d):
    for family in (V4, V6):
        with new_udp(family) as u:
            say("defaults", u.unicast_hop_limit())
            for name in ("unicast_hop_limit", "receive_buffer_size", "send_buffer_size"):
                say(f"none {name}", attempt(getattr(u, f"set_{name}"), 0))
            for value in (1, 42, 255):
                say(f"hops {value}", attempt(u.set_unicast_hop_limit, value), u.unicast_hop_limit())
            for value in (1, 2**64 - 1, 65536):
                say(
                    f"buffers {value}",
                    attempt(u.set_receive_buffer_size, value),
                    attempt(u.set_send_buffer_size, value),
                )
            say("buffers", u.receive_buffer_size(), u.send_buffer_size())
            bound(u, 0, LOOPBACK[family])
            say("bound", u.unicast_hop_limit(), u.receive_buffer_size(), u.send_buffer_size())
            say(
                "later",
                u.set_unicast_hop_limit(9),
                u.unicast_hop_limit(),
                u.set_receive_buffer_size(8000),
                u.receive_buffer_size(),
            )


def names(d):
    def found(name):
        with ip_name_lookup.resolve_addresses(net, name) as all:
            return [
                each.value for each in iter(lambda: until(all, all.resolve_next_address), None)
            ], all.resolve_next_address()

    for name in (
        "localhost", "LOCALHOST", "127.0.0.1", "::1", "::", "0.0.0.0", "1.2.3.4", "[::1]", "[::]", "[127.0.0.1]", "dead:beef::",
        "[dead:beef::0]", "fe80::1", "fe80::1%lo", "", " ", "a b", "a.b<&>", "a.b\0c", "127.0.0.1:80", "[::1]:80",
        "http://localhost", "localhost:80", "::ffff:1.2.3.4", "*", "x..y",
    ):  # fmt: skip
        say(f"name {name!r}", attempt(found, name))
    with ip_name_lookup.resolve_addresses(net, "localhost") as all:
        wait(all)
        say("at once", all.resolve_next_address() is not None)
