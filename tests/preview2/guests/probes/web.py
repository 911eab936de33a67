"""Probes of HTTP: fields, what a request may say, a server's answers. The server's address is in the environment."""

http = next(m for m in list(globals().values()) if hasattr(m, "OutgoingRequest"))
AUTHORITY = dict(environment.get_environment()).get("SERVER", "")
Get, Post, Other = http.Method_Get(), http.Method_Post(), http.Method_Other


def tried(call, *arguments):
    """Return what a call returns, or how it fails, as HTTP has it."""
    try:
        result = call(*arguments)
    except Err as error:
        return "refused" if error.value is None else code(error.value)
    if hasattr(result, "__exit__"):
        result.__exit__(None, None, None)
        return type(result).__name__
    return result


def code(error):
    """Return an error in words, with what it says."""
    name, value = type(error).__name__.rpartition("_")[2], getattr(error, "value", None)
    if name != "LastOperationFailed":
        return name if value is None else f"{name} {value}"
    with value as why:
        known = http.http_error_code(why)
    return f"failed: {known and code(known)}"


def fields(*entries):
    return http.Fields.from_list(list(entries))


def making_fields(d):
    for name, value in (
        ("x", b"1"), ("X-Upper", b"1"), ("", b"1"), ("a b", b"1"), ("a:b", b"1"), ("x", b""), ("x", b"a\r\nb"), ("x", b"a\0"),
        ("x", b"\xff\xfe"), ("x", b" padded "), ("host", b"x"), ("Connection", b"close"), ("transfer-encoding", b"chunked"),
        ("content-length", b"5"), ("upgrade", b"x"), ("keep-alive", b"x"), ("proxy-connection", b"x"), ("te", b"x"),
        ("trailer", b"x"), ("http2-settings", b"x"), ("proxy-authorization", b"x"), ("user-agent", b"me"), ("k\xe4se", b"1"),
    ):  # fmt: skip
        say(f"make {name!r} {value!r}", tried(fields, (name, value)))
        with http.Fields() as f:
            say("append", tried(f.append, name, value), tried(f.set, name, [value]), tried(f.delete, name))
            say("ask", tried(f.has, name), tried(f.get, name))


def changing_fields(d):
    with fields(("a", b"1"), ("B", b"2"), ("a", b"3")) as f:
        say("get", f.get("a"), f.get("A"), f.get("b"), f.get("none"), f.has("a"), f.has("B"), f.has("none"))
        say("entries", sorted(f.entries()))
        say("set", f.set("a", [b"4", b"5"]), f.get("a"), f.set("B", []), f.has("b"))
        say("append", f.append("A", b"6"), f.get("a"), f.append("c", b"7"))
        say("delete", f.delete("a"), f.get("a"), f.delete("none"), sorted(f.entries()))
        with f.clone() as other:
            other.append("only", b"here")
            say("clone", other.has("only"), f.has("only"))


def requests(d):
    request = http.OutgoingRequest(fields(("x", b"1")))
    say("first", request.method(), request.path_with_query(), request.scheme(), request.authority())
    with request.headers() as headers:
        say(
            "headers",
            headers.entries(),
            tried(headers.append, "y", b"2"),
            tried(headers.set, "x", []),
            tried(headers.delete, "x"),
        )
        with headers.clone() as mine:
            say("of one's own", tried(mine.append, "y", b"2"))
    for method in ("PATCH", "GET", "get", "", "a b", "X-MINE", "a\n"):
        say(f"method {method!r}", tried(request.set_method, Other(method)))
    say(
        "method",
        request.set_method(Get),
        request.method(),
        request.set_method(Other("MINE")),
        request.method(),
    )
    for path in ("/", "/a?b=c", "", "a", "*", "/a b", "/\n", "/ä", "/%20", None, "//x", "/a#b", "?x"):
        say(f"path {path!r}", tried(request.set_path_with_query, path))
    say("path", request.set_path_with_query("/a?b=c"), request.path_with_query())
    for scheme in (
        http.Scheme_Http(),
        http.Scheme_Https(),
        http.Scheme_Other("ftp"),
        http.Scheme_Other("a b"),
        None,
    ):
        say("scheme", tried(request.set_scheme, scheme))
    say("scheme is", request.scheme())
    for host in ("a", "a:80", "a:", "a:b", "", "a b", "[::1]:80", "u@h", "a/b", "127.0.0.1", "a\n", None):
        say(f"authority {host!r}", tried(request.set_authority, host))
    say("authority", request.set_authority("a:80"), request.authority())
    body = request.body()
    say("body", tried(request.body))
    stream = body.write()
    say("write", tried(body.write))
    close(stream, body, request)
    with http.RequestOptions() as options:
        say(
            "options",
            options.connect_timeout(),
            options.first_byte_timeout(),
            options.between_bytes_timeout(),
        )
        for name in ("connect_timeout", "first_byte_timeout", "between_bytes_timeout"):
            say(
                name,
                [(tried(getattr(options, f"set_{name}"), t), getattr(options, name)()) for t in (5, 0, None)],
            )


def responses(d):
    response = http.OutgoingResponse(fields(("x", b"1")))
    say("first", response.status_code())
    for status in (100, 200, 404, 599, 600, 999, 99, 0, 1000):
        say(f"status {status}", tried(response.set_status_code, status), response.status_code())
    with response.headers() as headers:
        say("headers", headers.entries(), tried(headers.append, "y", b"2"))
    body = response.body()
    say("body", tried(response.body))
    close(body, response)


def ask(what, method, path, headers=(), content=None, trailers=None, scheme=None, authority=None):
    """Send a request, and say what comes of it."""
    request = http.OutgoingRequest(fields(*headers))
    request.set_method(method), request.set_path_with_query(path)
    request.set_scheme(scheme or http.Scheme_Http()), request.set_authority(authority or AUTHORITY)
    body = None if content is None else request.body()
    try:
        future = outgoing_handler.handle(request, None)
    except Err as error:
        return say(f"{what}: fails", code(error.value))
    if body is not None:
        stream = body.write()
        for start in range(0, len(content), 4096):
            written = tried(stream.blocking_write_and_flush, content[start : start + 4096])
            if written is not None:
                return say(f"{what}: not written", written), close(stream, body, future)
        close(stream)
        say(
            f"{what}: sent",
            tried(http.OutgoingBody.finish, body, None if trailers is None else fields(*trailers)),
        )
    wait(future)
    answer = future.get()
    again = future.get()
    close(future)
    if isinstance(answer.value, Err):
        return say(f"{what}: fails", code(answer.value.value))
    say(f"{what}: once", type(again).__name__)
    response = answer.value.value
    with response.headers() as received:
        found = [
            (name, value)
            for name, value in received.entries()
            if name not in ("date", "server", "content-length")
        ]
        say(f"{what}: received", response.status(), sorted(found), tried(received.append, "y", b"2"))
    body = response.consume()
    say(f"{what}: had", tried(response.consume))
    stream, read = body.stream(), b""
    say(f"{what}: streamed", tried(body.stream))
    while not isinstance(more := tried(stream.blocking_read, 2**16), str):
        read += more
    if path == "/cut":
        return say(f"{what}: cut", more), close(stream, body, response)
    say(f"{what}: content", len(read), read[:300], more)
    close(stream)
    end = http.IncomingBody.finish(body)
    wait(end)
    trailers = end.get()
    say(f"{what}: trailers", told(trailers))
    close(end, response)


def told(trailers):
    """Return what came behind the content."""
    if isinstance(trailers.value, Err):
        return code(trailers.value.value)
    return trailers.value.value and trailers.value.value.entries()


def asking(d):
    ask("plain", Get, "/plain")
    ask("query", Get, "/query?a=b&c=%20d", [("x-a", b"1"), ("x-a", b"2"), ("X-Upper", b"y")])
    ask("content", Post, "/echo", [("content-type", b"text/plain")], b"hello")
    ask("of a length", Post, "/echo", [("content-length", b"5")], b"hello")
    ask("too short", Post, "/echo", [("content-length", b"9")], b"hello")
    ask("too long", Post, "/echo", [("content-length", b"3")], b"hello")
    ask("trailers", Post, "/echo", [], b"hello", [("x-sum", b"1")])
    ask("no content", Post, "/echo", [], b"")
    ask("much", Post, "/echo", [], bytes(100_000))
    ask("head", http.Method_Head(), "/plain")
    ask("delete", http.Method_Delete(), "/gone")
    ask("other", Other("MINE"), "/plain")
    for path in ("/redirect", "/status/204", "/status/404", "/status/304", "/trailers", "/cut", "/large"):
        ask(path, Get, path)


def asking_nobody(d):
    with listening() as l:
        port = port_of(l)
    ask("nobody", Get, "/", authority=f"127.0.0.1:{port}")
    ask("another scheme", Get, "/", scheme=http.Scheme_Other("ftp"))
