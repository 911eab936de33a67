"""Probes of files: opening, reading, writing, sizes, times, identity."""

now, keep = module.NewTimestamp_Now(), module.NewTimestamp_NoChange()
LAST = 2**63 - 1


def time(seconds, nanoseconds=0):
    return module.NewTimestamp_Timestamp(wall_clock.Datetime(seconds, nanoseconds))


def opening(d):
    d.create_directory_at("sub")
    close(create(d, "x", b"hello"))
    ways = {"any": ANY, "create": O.CREATE, "new": O.CREATE | O.EXCLUSIVE, "exclusive": O.EXCLUSIVE}
    ways |= {"directory": O.DIRECTORY, "truncate": O.TRUNCATE, "create directory": O.CREATE | O.DIRECTORY}
    for flags in (R, RW, W, D(0), D.MUTATE_DIRECTORY):
        for way, how in ways.items():
            if how & O.TRUNCATE and not flags & W:
                continue  # Linux empties it, and POSIX does not say
            for name in ("x", "sub", f"{way} {flags.value}"):
                say(f"{way} of {name}, {flags}", attempt(d.open_at, NO, name, how, flags))
    for name in (
        "x/",
        "x/y",
        "x/.",
        "x/..",
        "sub/",
        "sub/.",
        "sub/..",
        "sub//",
        "./x",
        "sub/../x",
        ".",
        "..",
        "",
    ):
        say(f"path {name!r}", attempt(d.open_at, NO, name, ANY, R))
    for name in ("/", "/data", "../x", "sub/../..", "gone/x", "x\0y", "a" * 256, "sub/" * 1500):
        say(f"path {name[:10]!r}", attempt(d.open_at, NO, name, ANY, R), attempt(d.stat_at, NO, name))
    say("left", entries(d))


def flags(d):
    close(create(d, "x", b"hello"))
    for given in (R, W, RW, D(0)):
        with d.open_at(NO, "x", ANY, given) as file:
            say(f"flags {given}", file.get_flags(), file.get_type())
            say(
                f"does {given}",
                attempt(file.write, b"H", 0),
                attempt(file.read, 2, 0),
                attempt(file.set_size, 5),
            )
            say(f"syncs {given}", attempt(file.sync), attempt(file.sync_data))
    for given in (R, D(0)):
        d.create_directory_at("sub")
        with d.open_at(NO, "sub", O.DIRECTORY, given) as sub:
            say(f"directory {given}", sub.get_flags(), sub.get_type(), attempt(sub.create_directory_at, "in"))
            say(
                "in it",
                attempt(sub.open_at, NO, "f", O.CREATE, RW),
                attempt(sub.sync),
                attempt(sub.sync_data),
            )
            close(*(sub.open_at(NO, "f", ANY, RW) for _ in range(2)))
            sub.unlink_file_at("f"), sub.remove_directory_at("in")
        d.remove_directory_at("sub")
    for root, _ in preopens.get_directories():
        with root:
            say("preopened", root.get_flags(), root.get_type())


def reading_and_writing(d):
    with create(d, "x", b"0123456789") as file:
        for length, offset in ((5, 0), (5, 8), (0, 0), (0, 99), (5, 99), (5, 10), (10, 0), (11, 0)):
            say(f"read {length} at {offset}", file.read(length, offset))
        for offset in (LAST, LAST + 1, 2 * LAST + 1):
            say(f"at {offset}", attempt(file.read, 5, offset), attempt(file.write, b"x", offset))
        say("much", attempt(file.read, 2**64 - 1, 0))
        say("nothing", attempt(file.write, b"", 0), attempt(file.write, b"", 99), file.stat().size)
        say("beyond", file.write(b"ab", 20), file.read(30, 0))
        for size in (LAST + 1, 2 * LAST + 1, 5, 8, 0):
            say(f"size {size}", attempt(file.set_size, size), file.read(30, 0))
        for offset, length in ((0, 0), (0, 10), (5, 2**64 - 1), (2**64 - 1, 5), (99, 1)):
            said = [attempt(file.advise, offset, length, advice) for advice in module.Advice]
            say(f"advise {offset}, {length}", said, attempt(d.advise, offset, length, module.Advice.NORMAL))
    say("directory", attempt(d.read, 1, 0), attempt(d.write, b"x", 0), attempt(d.set_size, 0))


def no_directory(d):
    with create(d, "x") as file:
        calls = {
            "list": (file.read_directory,), "stat": (file.stat_at, NO, "y"), "open": (file.open_at, NO, "y", ANY, R),
            "mkdir": (file.create_directory_at, "y"), "readlink": (file.readlink_at, "y"),
            "rmdir": (file.remove_directory_at, "y"), "unlink": (file.unlink_file_at, "y"),
            "symlink": (file.symlink_at, "a", "b"), "rename": (file.rename_at, "a", d, "b"),
            "rename to": (d.rename_at, "x", file, "b"), "link": (file.link_at, NO, "a", d, "b"),
            "link to": (d.link_at, NO, "x", file, "b"), "hash": (file.metadata_hash_at, NO, "a"),
            "times": (file.set_times_at, NO, "a", now, now), "itself": (file.open_at, NO, ".", ANY, R),
        }  # fmt: skip
        for what, call in calls.items():
            say(what, attempt(*call))


def times(d):
    with create(d, "x", b"hi") as file:

        def told():
            stat = file.stat()
            stamps = stat.data_access_timestamp, stat.data_modification_timestamp
            return [
                (stamp.seconds, stamp.nanoseconds) for stamp in stamps
            ], stat.status_change_timestamp is not None

        for accessed, modified in (
            (time(5, 6), time(7, 8)), (keep, time(9, 10)), (time(11, 12), keep), (keep, keep), (time(1, 10**9 - 1), keep),
            (time(1, 10**9), keep), (time(2, 4 * 10**9), keep), (time(2**63), keep), (keep, time(2**40)),
            (time(2**33), time(0)),
        ):  # fmt: skip
            say("set", attempt(file.set_times, accessed, modified), told())
        before = file.stat().data_modification_timestamp.seconds
        say(
            "now", attempt(file.set_times, now, now), file.stat().data_modification_timestamp.seconds > before
        )
        d.symlink_at("x", "l")
        say("link", attempt(d.set_times_at, NO, "l", time(5), time(6)), told()[0][0] == (5, 0))
        say("its own", d.stat_at(NO, "l").data_modification_timestamp.seconds)
        say("followed", attempt(d.set_times_at, FOLLOW, "l", time(15), time(16)), told())
        for name in ("gone", "x/y", "", "..", "/", "."):
            say(f"path {name!r}", attempt(d.set_times_at, NO, name, time(1), time(2)))
        say("directory", attempt(d.set_times, time(3), time(4)), d.stat().data_modification_timestamp.seconds)


def stat(d):
    d.create_directory_at("sub")
    with create(d, "x", b"hello") as file, create(d, "y") as other, d.open_at(NO, "x", ANY, R) as again:
        for name in (
            "x",
            "sub",
            "x/",
            "sub/",
            "gone",
            "",
            ".",
            "..",
            "/",
            "sub/..",
            "sub/../..",
            "x/..",
            "sub/.",
            "x/.",
        ):
            for follow in (NO, FOLLOW):

                def found():
                    it = d.stat_at(follow, name)
                    return it.type.name, it.link_count, it.size if it.type.name == "REGULAR_FILE" else None

                say(f"stat {name!r}", attempt(found))
        say("the same", file.stat() == d.stat_at(NO, "x"), d.stat() == d.stat_at(NO, "."))
        say("object", file.is_same_object(file), file.is_same_object(again), again.is_same_object(file))
        say("another", file.is_same_object(other), file.is_same_object(d), d.is_same_object(file))
        hashed = file.metadata_hash()
        say(
            "hash",
            hashed == file.metadata_hash(),
            hashed == again.metadata_hash(),
            hashed == d.metadata_hash_at(NO, "x"),
        )
        say("other hash", hashed == d.metadata_hash(), hashed == other.metadata_hash())
        for name in ("gone", "x/y", "..", ""):
            say(f"hash of {name!r}", attempt(d.metadata_hash_at, NO, name))


def unlinked(d):
    with create(d, "x", b"hello") as file:
        d.unlink_file_at("x")
        say(
            "file",
            file.read(5, 0),
            file.stat().link_count,
            file.write(b"yo", 0),
            file.read(9, 0),
            attempt(file.sync),
        )
    d.create_directory_at("sub")
    with d.open_at(NO, "sub", O.DIRECTORY, R) as sub:
        d.remove_directory_at("sub")
        say("listed", entries(sub), sub.stat().link_count)
        say("used", attempt(sub.create_directory_at, "in"), attempt(sub.open_at, NO, "f", O.CREATE, RW))
        say("asked", attempt(sub.stat_at, NO, "f"), attempt(sub.stat_at, NO, ".."))


def listing(d):
    for name in ("c", "a", "b"):
        close(create(d, name))
    say("all", entries(d))
    with d.read_directory() as first, d.read_directory() as second:
        say("apart", first.read_directory_entry().name == second.read_directory_entry().name)
        found = sorted(each.name for each in iter(first.read_directory_entry, None))
        say("rest", len(found), first.read_directory_entry(), first.read_directory_entry())


def streams_of_files(d):
    with create(d, "x", b"0123456789") as file:
        for offset in (0, 3, 10, 11, LAST, LAST + 1, 2 * LAST + 1):
            with file.read_via_stream(offset) as source:
                say(f"read {offset}", attempt(source.blocking_read, 4), attempt(source.blocking_skip, 2))
                say(f"rest {offset}", attempt(source.blocking_read, 99), attempt(source.blocking_read, 1))
                say(f"end {offset}", attempt(source.read, 1), attempt(source.skip, 1))
        with file.read_via_stream(0) as source:
            say("none", attempt(source.read, 0))
            wait(source)
        with file.write_via_stream(2) as sink:
            say(
                "room",
                sink.check_write() >= 4096,
                sink.write(b"ABC"),
                sink.blocking_flush(),
                file.read(20, 0),
            )
            say(
                "on",
                sink.blocking_write_and_flush(b"DE"),
                file.read(20, 0),
                sink.flush(),
                sink.blocking_flush(),
            )
            sink.blocking_write_zeroes_and_flush(2)
            sink.check_write(), sink.write_zeroes(1), sink.blocking_flush()
            say("zeroes", file.read(20, 0))
            wait(sink)
        with file.append_via_stream() as one, file.append_via_stream() as two:
            (
                one.blocking_write_and_flush(b"zz"),
                two.blocking_write_and_flush(b"yy"),
                one.blocking_write_and_flush(b"xx"),
            )
            say("appended", file.read(40, 0))
        for offset in (100, LAST, LAST + 1, 2 * LAST + 1):
            with file.write_via_stream(offset) as sink:
                say(f"write {offset}", attempt(sink.blocking_write_and_flush, b"x"))
                if offset > 100:
                    say(f"after {offset}", attempt(sink.check_write), attempt(sink.blocking_flush))
        say("size", file.stat().size)
        with file.read_via_stream(0) as source, create(d, "y") as copy, copy.write_via_stream(0) as sink:
            while (count := attempt(sink.blocking_splice, source, 40)) != "closed":
                assert count is not None
                sink.blocking_flush()
            say("spliced", copy.read(200, 0) == file.read(200, 0))
    file = create(d, "z", b"0123456789")
    source = file.read_via_stream(0)
    close(file)
    say("alone", source.blocking_read(3), d.unlink_file_at("z"), source.blocking_read(3))
    close(source)


def much(d):
    data = bytes(range(256)) * 2048
    with create(d, "x") as file:
        written = 0
        while written < len(data):
            written += file.write(data[written:], written)
        read, end = b"", False
        while not end:
            more, end = file.read(2**20, len(read))
            read += more
        say("by calls", read == data)
        with file.write_via_stream(0) as sink, file.read_via_stream(0) as source:
            back, left = data[::-1], 0
            while left < len(data):
                room = sink.check_write()
                sink.write(back[left : left + room])
                left += room
                wait(sink)
            sink.blocking_flush()
            read = b""
            while len(read) < len(data):
                read += source.blocking_read(2**20)
            say("by streams", read == back, attempt(source.blocking_read, 1))
