"""Probes of clocks, randomness, standard streams, polling and the environment."""

MS = 1_000_000
HOUR = 3600 * 1000 * MS


def clocks(d):
    start = monotonic_clock.now()
    with monotonic_clock.subscribe_duration(5 * MS) as later, monotonic_clock.subscribe_duration(HOUR) as far:
        say("not yet", far.ready())
        later.block()
        say("then", later.ready(), monotonic_clock.now() - start >= 5 * MS)
    with monotonic_clock.subscribe_instant(start) as past, monotonic_clock.subscribe_duration(0) as now:
        past.block(), now.block()
        say("past", past.ready(), now.ready(), sorted(poll.poll([past, now])))
    with monotonic_clock.subscribe_instant(2**64 - 1) as never, monotonic_clock.subscribe_duration(0) as now:
        say("never", poll.poll([never, now]), never.ready())
    with (
        monotonic_clock.subscribe_duration(2**64 - 1) as never,
        monotonic_clock.subscribe_duration(MS) as soon,
    ):
        say("longest", poll.poll([never, soon]))
    say("order", monotonic_clock.now() <= monotonic_clock.now(), monotonic_clock.resolution() > 0)
    wall = wall_clock.now()
    say("wall", wall.seconds > 1_600_000_000, wall.nanoseconds < 10**9)
    resolution = wall_clock.resolution()
    say("resolution", resolution.seconds, 0 < resolution.nanoseconds < 10**9)


def entropy(d):
    say("lengths", [len(random.get_random_bytes(n)) for n in (0, 1, 32, 4096)])
    say("insecure", [len(insecure.get_insecure_random_bytes(n)) for n in (0, 1, 32, 4096)])
    say("differs", random.get_random_bytes(16) != random.get_random_bytes(16))
    say("numbers", random.get_random_u64() != random.get_random_u64())
    say("insecure numbers", insecure.get_insecure_random_u64() != insecure.get_insecure_random_u64())
    say("one seed", insecure_seed.insecure_seed() == insecure_seed.insecure_seed())


def surroundings(d):
    say("arguments", environment.get_arguments())
    say("environment", environment.get_environment())
    say("folder", environment.initial_cwd())
    terminals = terminal_stdin.get_terminal_stdin(), terminal_stdout.get_terminal_stdout()
    say("terminals", terminals, terminal_stderr.get_terminal_stderr())
    say("preopens", [name for _, name in preopens.get_directories()])


def standard_streams(d):
    source = stdin.get_stdin()
    with source.subscribe() as ready:
        ready.block()
        say("ready", ready.ready())
    say("read", source.blocking_read(4), source.blocking_skip(2), source.blocking_read(100))
    say("nothing", attempt(source.blocking_read, 1), attempt(source.blocking_read, 1))
    say("end", attempt(source.read, 1), attempt(source.skip, 1), attempt(source.blocking_skip, 1))
    for get in (stdout.get_stdout, stderr.get_stderr):
        with get() as sink, get() as again:
            say("room", sink.check_write() >= 4096)
            sink.write(b"one ")
            say("flush", attempt(sink.flush), attempt(sink.blocking_flush))
            again.blocking_write_and_flush(b"two ")
            sink.blocking_write_zeroes_and_flush(2)
            with sink.subscribe() as ready:
                ready.block()
                say("writable", ready.ready())
            say("nothing", attempt(sink.blocking_write_and_flush, b""))


def polling(d):
    def timer(duration):
        return monotonic_clock.subscribe_duration(duration)

    with timer(0) as a, timer(HOUR) as b, timer(0) as c:
        a.block(), c.block()
        say("some", sorted(poll.poll([a, b, c])))
        say("twice", sorted(poll.poll([a, a])), sorted(poll.poll([b, a, b])))
    many = [timer(MS) for _ in range(200)]
    for each in many:
        each.block()
    say("many", len(poll.poll(many)) > 0, {each.ready() for each in many})
    for each in many:
        each.__exit__(None, None, None)
