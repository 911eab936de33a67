"""Probes of what is done by a path: links, renaming, making and removing."""


def links(d):
    close(create(d, "x", b"hi"))
    d.create_directory_at("sub")
    made = [
        ("x", "l"),
        ("x", "l"),
        ("/etc", "abs"),
        ("", "empty"),
        ("x", ""),
        ("x", "sub"),
        ("../x", "sub/up"),
    ]
    made += [
        ("../../x", "sub/over"),
        ("x", "gone/y"),
        ("x", "x/y"),
        ("x", "../y"),
        ("x", "/y"),
        ("x", "y/"),
        ("x", "."),
    ]
    made += [
        ("loop", "loop"),
        ("sub", "dl"),
        ("gone", "dangling"),
        ("a\0b", "nul"),
        ("a" * 5000, "long"),
        ("sub/", "dls"),
    ]
    for target, name in made:
        say(f"link {target[:8]!r} at {name!r}", attempt(d.symlink_at, target, name))
    say("made", entries(d))
    for name in (
        "l", "empty", "abs", "sub/up", "sub/over", "x", "sub", "gone", "x/y", "", ".", "..", "/l", "l/", "dl", "dl/", "dl/up",
        "loop", "dangling", "dls",
    ):  # fmt: skip
        say(f"read {name!r}", attempt(d.readlink_at, name))
        say(f"kind {name!r}", *(attempt(lambda: d.stat_at(follow, name).type) for follow in (NO, FOLLOW)))
        say(f"open {name!r}", *(attempt(d.open_at, follow, name, ANY, R) for follow in (NO, FOLLOW)))
        say(f"directory {name!r}", attempt(d.open_at, FOLLOW, name, O.DIRECTORY, R))
        say(f"hash {name!r}", *(isinstance(attempt(d.metadata_hash_at, f, name), str) for f in (NO, FOLLOW)))
    say("a link is no directory", attempt(d.open_at, NO, "dl", O.DIRECTORY, R))
    for way in (O.CREATE, O.CREATE | O.EXCLUSIVE):
        for follow in (NO, FOLLOW):
            say(f"create {way} {follow}", attempt(d.open_at, follow, "l", way, RW))
    say(
        "truncate",
        attempt(d.open_at, FOLLOW, "l", O.TRUNCATE, RW),
        attempt(d.open_at, NO, "l", O.TRUNCATE, RW),
    )
    say(
        "dangling",
        attempt(d.open_at, NO, "dangling", O.CREATE, RW),
        attempt(d.open_at, FOLLOW, "dangling", O.CREATE, RW),
    )
    say("left", entries(d))


def hard_links(d):
    close(create(d, "x", b"hi"))
    for name in ("sub", "sub/in"):
        d.create_directory_at(name)
    for target, name in (("x", "l"), ("sub", "dl"), ("gone", "dangling")):
        d.symlink_at(target, name)
    for old, new in (
        ("x", "y"), ("x", "y"), ("x", "sub"), ("sub", "z"), ("gone", "z"), ("x", "gone/z"), ("l", "ly"), ("x", "../z"),
        ("../x", "z"), ("x", "z/"), ("x/", "z"), ("x", ""), ("", "z"), ("x", "."), (".", "z"), ("x", "/z"), ("/x", "z"),
        ("dangling", "dd"), ("x", "l"), ("x", "dangling"), ("x", "dl/zz"), ("dl/zz", "zzz"), ("x", "x"), ("x", "x/y"),
    ):  # fmt: skip
        say(f"{old!r} at {new!r}", attempt(d.link_at, NO, old, d, new), d.stat_at(NO, "x").link_count)
    with d.open_at(NO, "sub", O.DIRECTORY, R | D.MUTATE_DIRECTORY) as sub:
        say("elsewhere", attempt(d.link_at, NO, "x", sub, "other"), entries(sub))
    say("followed", attempt(d.link_at, FOLLOW, "l", d, "followed"))
    say("left", entries(d))


def renaming(d):
    def fresh():
        for name in ("x", "y"):
            attempt(d.unlink_file_at, name)
            attempt(d.remove_directory_at, name)
            close(create(d, name, name.encode()))
        for name in ("sub", "full", "empty"):
            attempt(d.create_directory_at, name)
        close(create(d, "full/in"))
        for target, name in (("x", "l"), ("sub", "dl"), ("gone", "dangling")):
            attempt(d.symlink_at, target, name)

    for old, new in (
        ("x", "z"), ("z", "y"), ("x", "sub"), ("sub", "x"), ("sub", "full"), ("sub", "empty"), ("gone", "z"),
        ("x", "gone/z"), ("l", "l2"), ("l2", "x"), ("dl", "dl2"), ("x", "../z"), ("../x", "z"), ("x", "z/"), ("x/", "z"),
        ("x", ""), ("", "z"), ("x", "."), (".", "z"), ("..", "z"), ("x", "/z"), ("/x", "z"), ("sub", "sub/in"),
        ("x", "x"), ("sub", "sub"), ("sub/", "s2"), ("s2", "s3/"), ("s3/", "s4/"), ("x", "x/y"), ("full/in", "moved"),
        ("dangling", "x"), ("x", "dl"), ("x", "dl2/q"), ("empty", "full"), ("full", "empty"), ("x", "full"), ("full", "x"),
    ):  # fmt: skip
        fresh()
        say(f"{old!r} to {new!r}", attempt(d.rename_at, old, d, new), entries(d))
    fresh()
    with d.open_at(NO, "sub", O.DIRECTORY, R | D.MUTATE_DIRECTORY) as sub:
        say("away", attempt(d.rename_at, "x", sub, "other"), entries(sub))
        say("back", attempt(sub.rename_at, "other", d, "back"), entries(sub), entries(d))


def making_and_removing(d):
    close(create(d, "x", b"hi"))
    for name in ("sub", "empty"):
        d.create_directory_at(name)
    close(create(d, "sub/in"))
    for target, name in (("x", "l"), ("empty", "dl"), ("gone", "dangling")):
        d.symlink_at(target, name)
    for name in (
        "x", "sub", "new", "new2/", "new3/.", "gone/x", "x/y", "../x", "/x", "", ".", "..", "l", "dl", "dangling",
        "dangling/", "sub/..", "dl/in", "a\0b", "a" * 256, "./new5",
    ):  # fmt: skip
        say(f"make {name[:9]!r}", attempt(d.create_directory_at, name))
    say("made", entries(d))
    for name in (
        "x", "sub", "sub/in", "new", "new3/.", "gone", "x/y", "../x", "/x", "", ".", "..", "l", "dl", "dl/in", "dangling",
        "empty/.", "l/", "x/",
    ):  # fmt: skip
        say(f"remove {name!r}", attempt(d.remove_directory_at, name))
    say("removed", entries(d))
    for name in ("new2/", "dl/", "empty/.."):
        say(f"remove {name!r}", attempt(d.remove_directory_at, name))
    for name in (
        "gone", "empty", "empty/", "sub/in/", "x/y", "x/", "../x", "/x", "", ".", "..", "l/", "l", "dl", "dangling",
        "x", "sub", "a\0b", "dl/.",
    ):  # fmt: skip
        say(f"unlink {name!r}", attempt(d.unlink_file_at, name))
