"""The program of world `app`, as a Python guest.

It holds what `KvGrants` in kv.capnp names: a store, a console, and perhaps a summarizer. Every handle is
opened in a `with` block, so that each is dropped where the block ends. Built by

    capwit build examples/kv/guest.py --wit build/kv/wit --world app -o build/app.wasm

`guest.c` is the same program in C.
"""

import os
import sys

from componentize_py_types import Err
from wit_world.exports import app_exports_runner
from wit_world.imports import app_grants, errors, kv, standard

OVER_THE_LIMIT = bytes(1024 * 1024 + 1)


class Runner(app_exports_runner.Runner):
    """What the host calls."""

    def __init__(self) -> None: ...

    def run(self) -> kv.Report:
        """Fills a bucket, looks back at what it did, and has the bucket summarised."""
        # The standard streams, arguments and environment are WASI's: they too hold what the host granted.
        print(f"arguments {sys.argv[1:]}, environment {sorted(os.environ)}")

        with app_grants.get_console() as console, app_grants.get_store() as store:
            say(console, f"stored {'in memory' if store.durability() is kv.Durability.MEMORY else 'on disk'}")
            with store.open("fruit") as fruit, fruit.watch() as cursor:
                write(console, fruit)
                keys = [entry.key for entry in fruit.list("")]
                say(console, f"keys {' '.join(keys)}")
                changes = len(cursor.next(100))
                say(console, f"changes {changes}")
                summary = summarize(console, fruit)
        return kv.Report(keys, changes, summary)


def write(console: standard.Console, fruit: kv.Bucket) -> None:
    """Writes, reads, deletes and nests."""
    for key, value in [("apple", b"red"), ("pear", b"green"), ("plum", b"blue")]:
        fruit.set(key, value)

    for key in ["apple", "durian"]:
        match fruit.get(key):
            case kv.Lookup_Found(entry):
                say(console, f"{key} is {entry.value.decode()}, {entry.meta.size} bytes")
            case kv.Lookup_Missing():
                say(console, f"{key} is missing")

    try:
        fruit.set("melon", OVER_THE_LIMIT)
    except Err as error:  # a capability's failure is a value with a kind: it ends the call, not the program
        if error.value.kind is not errors.ErrorKind.OVERLOADED:
            raise
        say(console, "melon is too large")

    for _ in range(2):
        say(console, f"plum {'deleted' if fruit.delete('plum') else 'was gone'}")

    with fruit.open_sub("citrus") as citrus:  # a bucket of its own: none of its keys are the fruit bucket's
        citrus.set("lemon", b"yellow")
        say(console, f"citrus holds {len(citrus.list(''))}")


def summarize(console: standard.Console, fruit: kv.Bucket) -> str:
    """Lends the bucket to the summarizer, where there is one."""
    summarizer = app_grants.get_summarizer()
    if summarizer is None:
        say(console, "no summarizer")
        return ""
    with summarizer:
        summary = summarizer.summarize(fruit)
    say(console, f"summary {summary}")
    return summary


def say(console: standard.Console, line: str) -> None:
    """Writes one line."""
    console.write(f"{line}\n".encode())
