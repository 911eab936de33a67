"""What all probes have in common. It runs in a guest that has every function of WASI by the name of its module.

A probe says what it sees, each thing by a name of its own, and is given a directory of its own.
"""

module = next(m for m in list(globals().values()) if hasattr(m, "DescriptorFlags"))
P, O, D = module.PathFlags, module.OpenFlags, module.DescriptorFlags
NO, FOLLOW = P(0), P.SYMLINK_FOLLOW
ANY, R, W, RW = O(0), D.READ, D.WRITE, D.READ | D.WRITE
seen: list = []
counted: dict = {}


def say(what, *values):
    """Note what has been seen."""
    seen.append((f"{what} {seen_before(what)}".removesuffix(" 1"), " ".join(map(str, values))))


def seen_before(what):
    """Return how often something has been said, this time included."""
    counted[what] = counted.get(what, 0) + 1
    return counted[what]


def attempt(call, *arguments):
    """Return what a call returns, or how it fails, in words; a resource is let go, and only named."""
    try:
        result = call(*arguments)
    except Err as error:
        value = error.value
        if hasattr(value, "name"):
            return value.name.lower()
        name = type(value).__name__.rpartition("_")[2].lower()
        if name.endswith("failed"):
            with value.value as why:
                code = module.filesystem_error_code(why)
            return f"failed: {code and code.name.lower()}"
        return name
    if hasattr(result, "__exit__"):
        result.__exit__(None, None, None)
        return type(result).__name__
    return result


def close(*resources):
    """Let go of resources, children first."""
    for each in resources:
        each.__exit__(None, None, None)


def wait(what):
    """Wait until something is ready."""
    with what.subscribe() as ready:
        ready.block()


def until(what, step, *arguments):
    """Try a step until it need not wait."""
    while True:
        try:
            return step(*arguments)
        except Err as error:
            if error.value.name != "WOULD_BLOCK":
                raise
        wait(what)


def create(at, path, content=b""):
    """Make a file, and return it open."""
    file = at.open_at(NO, path, O.CREATE, RW)
    if content:
        file.write(content, 0)
    return file


def entries(at):
    """Return the names in a directory, with a letter for what each is."""
    with at.read_directory() as listing:
        found = iter(listing.read_directory_entry, None)
        return sorted(
            each.name + {"DIRECTORY": "/", "SYMBOLIC_LINK": "@"}.get(each.type.name, "") for each in found
        )


V4, V6 = tcp.IpAddressFamily.IPV4, tcp.IpAddressFamily.IPV6
LOOPBACK = {V4: "127.0.0.1", V6: "::1"}
net = instance_network.instance_network()
new_tcp, new_udp = tcp_create_socket.create_tcp_socket, udp_create_socket.create_udp_socket


def at(port, host="127.0.0.1"):
    """Return an address."""
    if ":" in host:
        raw = socket.inet_pton(socket.AF_INET6, host)
        parts = tuple(raw[i] << 8 | raw[i + 1] for i in range(0, 16, 2))
        return tcp.IpSocketAddress_Ipv6(tcp.Ipv6SocketAddress(port, 0, parts, 0))
    return tcp.IpSocketAddress_Ipv4(tcp.Ipv4SocketAddress(port, tuple(map(int, host.split(".")))))


def bound(s, port=0, host="127.0.0.1"):
    """Return a socket that has an address."""
    s.start_bind(net, at(port, host))
    until(s, s.finish_bind)
    return s


def port_of(s):
    """Return the port of a socket."""
    return s.local_address().value.port


def listening(family=None):
    """Return a socket that listens on loopback."""
    s = bound(new_tcp(family or V4), 0, LOOPBACK[family or V4])
    s.start_listen()
    until(s, s.finish_listen)
    return s


def connect(s, port, host="127.0.0.1"):
    """Connect a socket, and return its streams."""
    s.start_connect(net, at(port, host))
    return until(s, s.finish_connect)


class Pair:
    """A connection: `c` has come to `l`, where it is `a`; with their streams."""

    def __init__(self, family=None):
        self.l = listening(family)
        self.c = new_tcp(family or V4)
        self.ci, self.co = connect(self.c, port_of(self.l), LOOPBACK[family or V4])
        self.a, self.ai, self.ao = until(self.l, self.l.accept)
        self.closed = []

    def close(self, *names):
        """Let go of some of it, or of what is left."""
        for name in names or ("ci", "co", "c", "ai", "ao", "a", "l"):
            if name not in self.closed:
                self.closed.append(name)
                close(getattr(self, name))


def probe(probes):
    """Run some, by name, and return all that they have seen: probe, what, how."""
    all_seen = []
    root = preopens.get_directories()[0][0]
    for name in probes:
        seen.clear()
        counted.clear()
        root.create_directory_at(name)
        try:
            globals()[name](root.open_at(NO, name, O.DIRECTORY, R | D.MUTATE_DIRECTORY))
        except Exception as error:
            say("raised", type(error).__name__, getattr(error, "value", error))
        all_seen += [(name, *each) for each in seen]
    return all_seen
