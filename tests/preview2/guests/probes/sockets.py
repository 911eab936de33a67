"""Probes of TCP: how far a socket has come, addresses, options, the streams of a connection."""

S = tcp.ShutdownType


def states(d):
    s = new_tcp(V4)

    def tells(when):
        calls = {
            "finish bind": (s.finish_bind,), "finish connect": (s.finish_connect,), "finish listen": (s.finish_listen,),
            "accept": (s.accept,), "remote": (s.remote_address,), "shutdown": (s.shutdown, S.BOTH),
        }  # fmt: skip
        for what, call in calls.items():
            say(f"{when}: {what}", attempt(*call))
        say(f"{when}: is", s.is_listening(), s.address_family())
        say(f"{when}: backlog", attempt(s.set_listen_backlog_size, 5), attempt(s.set_listen_backlog_size, 0))
        say(f"{when}: hops", attempt(s.set_hop_limit, 40), attempt(s.hop_limit))
        say(f"{when}: alive", attempt(s.set_keep_alive_enabled, True), attempt(s.keep_alive_enabled))

    def starts(when):
        say(f"{when}: bind", attempt(s.start_bind, net, at(0)))
        say(f"{when}: connect", attempt(s.start_connect, net, at(9)))
        say(f"{when}: listen", attempt(s.start_listen))

    tells("new")
    say("new: local", attempt(s.local_address), attempt(s.start_listen))
    with s.subscribe() as ready:
        say("new: ready", ready.ready())
    s.start_bind(net, at(0))
    starts("binding")
    wait(s)
    s.finish_bind()
    say("bound: local", s.local_address().value.address, attempt(s.start_bind, net, at(0)))
    tells("bound")
    s.start_listen()
    starts("starting to listen")
    wait(s)
    s.finish_listen()
    starts("listening")
    tells("listening")
    l, port, s = s, port_of(s), new_tcp(V4)
    with l.subscribe() as comes:
        say("nobody", comes.ready())
        s.start_connect(net, at(port))
        starts("connecting")
        say("connecting: others", attempt(s.finish_bind), attempt(s.accept), attempt(s.shutdown, S.BOTH))
        say("connecting: backlog", attempt(s.set_listen_backlog_size, 5), attempt(s.remote_address))
        wait(s)
        i, o = s.finish_connect()
        comes.block()
        say("somebody", comes.ready())
    starts("connected")
    say(
        "connected: remote",
        s.remote_address().value.port == port,
        s.local_address().value.address,
        s.is_listening(),
    )
    say(
        "connected: others",
        attempt(s.finish_connect),
        attempt(s.accept),
        attempt(s.set_listen_backlog_size, 5),
    )
    c, ci, co, (s, i, o) = s, i, o, l.accept()
    starts("accepted")
    say("accepted: local", s.local_address().value.port == port, s.remote_address() == c.local_address())
    say("accepted: others", attempt(s.accept), attempt(l.accept), s.is_listening(), s.address_family())
    close(i, o, s, ci, co, c, l)


def nobody_there(d):
    l = listening()
    port = port_of(l)
    close(l)
    s = new_tcp(V4)
    say("refused", attempt(connect, s, port))
    say("over", attempt(connect, s, port), attempt(s.start_bind, net, at(0)), attempt(s.start_listen))
    say("no more", attempt(s.finish_connect), attempt(s.shutdown, S.BOTH), s.is_listening())
    close(s)


def addresses(d):
    places = [(V4, "127.0.0.1"), (V4, "0.0.0.0"), (V4, "::1"), (V6, "127.0.0.1"), (V6, "::1"), (V6, "::")]
    places += [
        (V6, "::ffff:127.0.0.1"),
        (V6, "::127.0.0.1"),
        (V4, "224.0.0.1"),
        (V4, "255.255.255.255"),
        (V6, "ff11::1"),
    ]
    places += [(V4, "192.0.2.1"), (V6, "2001:db8::1"), (V4, "127.0.0.2")]
    for family, host in places:
        with new_tcp(family) as s, new_udp(family) as u:
            say(
                f"bind {host} {family.name}",
                *(attempt(lambda: bound(each, 0, host) and 1) for each in (s, u)),
            )
    for family, port, host in (
        (V4, 0, "127.0.0.1"), (V4, 9, "0.0.0.0"), (V4, 9, "::1"), (V6, 9, "127.0.0.1"), (V6, 9, "::"),
        (V6, 9, "::ffff:127.0.0.1"), (V6, 9, "::127.0.0.1"), (V4, 9, "224.0.0.1"), (V4, 9, "255.255.255.255"),
        (V6, 9, "ff11::1"), (V6, 0, "::1"),
    ):  # fmt: skip
        with new_tcp(family) as s:
            say(f"connect {host} {port} {family.name}", attempt(s.start_connect, net, at(port, host)))
            say("then", attempt(s.finish_connect), attempt(s.start_bind, net, at(0, LOOPBACK[family])))
    with bound(new_tcp(V4)) as s:
        say("bound", attempt(s.start_connect, net, at(0)), attempt(s.start_connect, net, at(1, "::1")))


def in_use(d):
    p = Pair()
    port = port_of(p.l)
    with new_tcp(V4) as s:
        say("in use", attempt(bound, s, port))
    p.close()
    with bound(new_tcp(V4), port) as s:
        s.start_listen()
        until(s, s.finish_listen)
        say("again", s.is_listening())
    with bound(new_udp(V4)) as u, new_udp(V4) as v:
        say("datagrams", attempt(bound, v, port_of(u)))
    with listening() as l, bound(new_tcp(V4)) as s:
        mine = port_of(s)
        streams = connect(s, port_of(l))
        a, *more = until(l, l.accept)
        say("bound before", a.remote_address().value.port == mine)
        close(*streams, *more, a)


def options(d):
    SECOND = 10**9
    for family in (V4, V6):
        with listening(family) as l, new_tcp(family) as s:

            def told(s):
                return [
                    s.keep_alive_enabled(),
                    s.keep_alive_idle_time(),
                    s.keep_alive_interval(),
                    s.keep_alive_count(),
                    s.hop_limit(),
                ]

            say("defaults", told(s))
            for name in (
                "keep_alive_idle_time",
                "keep_alive_interval",
                "keep_alive_count",
                "hop_limit",
                "receive_buffer_size",
                "send_buffer_size",
            ):
                say(f"none {name}", attempt(getattr(s, f"set_{name}"), 0))
            for value in (1, SECOND - 1, SECOND, SECOND + 1, 42 * SECOND, 2**31 * SECOND, 2**64 - 1):
                say(f"idle {value}", attempt(s.set_keep_alive_idle_time, value), s.keep_alive_idle_time())
                say(f"interval {value}", attempt(s.set_keep_alive_interval, value), s.keep_alive_interval())
            for value in (1, 42, 127, 128, 2**32 - 1):
                say(f"count {value}", attempt(s.set_keep_alive_count, value), s.keep_alive_count())
            for value in (1, 64, 255):
                say(f"hops {value}", attempt(s.set_hop_limit, value), s.hop_limit())
            for value in (1, 2**64 - 1, 65536):
                say(
                    f"buffers {value}",
                    attempt(s.set_receive_buffer_size, value),
                    attempt(s.set_send_buffer_size, value),
                )
            say("buffers", s.receive_buffer_size(), s.send_buffer_size())
            say(
                "backlog",
                [attempt(s.set_listen_backlog_size, value) for value in (1, 2**31, 2**32, 2**64 - 1)],
            )
            bound(s, 0, LOOPBACK[family])
            say("bound", told(s), s.receive_buffer_size(), s.send_buffer_size())
            (
                l.set_hop_limit(42),
                l.set_keep_alive_enabled(True),
                l.set_keep_alive_count(7),
                l.set_receive_buffer_size(50000),
            )
            streams = connect(s, port_of(l), LOOPBACK[family])
            a, *more = until(l, l.accept)
            say("inherited", told(a), told(s), a.receive_buffer_size() == l.receive_buffer_size())
            say("one's own", a.set_hop_limit(9), a.hop_limit(), l.hop_limit(), s.hop_limit())
            close(*streams, *more, a)


def streams_of_a_connection(d):
    p = Pair()
    say("at first", p.ci.read(9), p.ci.read(0), p.co.check_write() > 0, attempt(p.ci.skip, 3))
    with p.ci.subscribe() as readable, p.co.subscribe() as writable:
        say("ready", readable.ready(), writable.ready())
        p.ao.blocking_write_and_flush(b"there")
        readable.block()
        say("now", readable.ready())
    say("some", p.ci.skip(2), p.ci.blocking_read(100))
    p.co.check_write()
    p.co.write(b"hel"), p.co.flush(), p.co.blocking_flush()
    p.co.blocking_write_and_flush(b"lo"), p.co.blocking_write_zeroes_and_flush(3)
    read = b""
    while len(read) < 8:
        read += p.ai.blocking_read(8 - len(read))
    say("read", read)
    wait_for = p.co.blocking_write_and_flush(b"echo")
    wait(p.ai)
    say("spliced", wait_for, p.ao.blocking_splice(p.ai, 100), p.ao.blocking_flush(), p.ci.blocking_read(9))
    p.close()


def shutdown(d):
    for kind in S:
        p = Pair()
        say(f"{kind.name}", attempt(p.c.shutdown, kind))
        say(
            f"{kind.name}: out",
            isinstance(attempt(p.co.check_write), int),
            attempt(p.co.blocking_write_and_flush, b"x"),
        )
        say(f"{kind.name}: flush", attempt(p.co.flush), attempt(p.co.blocking_flush))
        say(f"{kind.name}: in", attempt(p.ci.read, 1))
        p.ao.blocking_write_and_flush(b"y")
        say(f"{kind.name}: there", attempt(p.ci.blocking_read, 1), attempt(p.ai.blocking_read, 1))
        say(f"{kind.name}: again", p.c.local_address() == p.a.remote_address())
        p.close()


def endings(d):
    p = Pair()
    p.co.blocking_write_and_flush(b"abc")
    p.close("co")
    say("no output", p.ai.blocking_read(9))
    p.ao.blocking_write_and_flush(b"def")
    say("input goes on", p.ci.blocking_read(9))
    p.close()

    p = Pair()
    p.close("ci")
    p.co.blocking_write_and_flush(b"abc")
    say("no input", p.ai.blocking_read(9))
    p.close()

    p = Pair()
    p.close("ai", "ao", "a")
    say("gone", attempt(p.ci.blocking_read, 1), attempt(p.ci.read, 1))
    writes = [attempt(p.co.blocking_write_and_flush, b"x") for _ in range(9)]
    say("into nothing", writes[0], writes[-1], attempt(p.co.check_write))
    p.close()

    p = Pair()
    data, sent = bytes(range(256)) * 1000, 0
    while sent < len(data):
        room = p.co.check_write()
        if room:
            p.co.write(data[sent : sent + room])
            sent += room
        else:
            wait(p.co)
    p.c.shutdown(S.SEND)
    p.close("ci", "co", "c")
    read = b""
    while not isinstance(more := attempt(p.ai.blocking_read, 2**20), str):
        read += more
    say("nothing is lost", read == data, more)
    p.close()


def much(d):
    p = Pair()
    data, sent, read = bytes(range(256)) * 8192, 0, b""
    while len(read) < len(data):
        room = p.co.check_write() if sent < len(data) else 0
        if room:
            p.co.write(data[sent : sent + room])
            sent += room
        read += p.ai.read(2**20)
    say("all", read == data)
    p.close()


def of_version_6(d):
    p = Pair(V6)
    say("same", p.a.remote_address() == p.c.local_address(), p.a.address_family())
    told = p.a.local_address().value
    say("address", told.address, told.flow_info, told.scope_id)
    p.close()
    with bound(new_tcp(V6), 0, "::") as l, new_tcp(V4) as s:
        l.start_listen()
        until(l, l.finish_listen)
        say("not of the other", attempt(connect, s, port_of(l)))


def waiting(d):
    with listening() as l, l.subscribe() as comes, monotonic_clock.subscribe_duration(10**7) as soon:
        say("time", poll.poll([comes, soon]))
        p = connect(c := new_tcp(V4), port_of(l))
        comes.block()
        say("both", sorted(poll.poll([comes, soon])), sorted(poll.poll([soon, comes, soon])))
        a, *more = l.accept()
        close(*p, c, *more, a)
