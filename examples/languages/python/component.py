"""What each language does with its grants: a store, its buckets, and a component that they are lent to."""

from componentize_py_types import Err
from wit_world.exports import app_exports_runner
from wit_world.imports import app_grants, errors, kv


class Runner(app_exports_runner.Runner):
    """What the host calls. Each handle is dropped where its `with` block ends."""

    def __init__(self) -> None: ...

    def run(self) -> kv.Report:
        with app_grants.get_console() as console, app_grants.get_store() as store:

            def say(line: str) -> None:
                console.write(f"{line}\n".encode())

            say(f"stored {'in memory' if store.durability() is kv.Durability.MEMORY else 'on disk'}")
            with store.open("fruit") as fruit:
                fruit.set("apple", b"red")
                match fruit.get("apple"):
                    case kv.Lookup_Found(entry):
                        say(f"apple is {entry.value.decode()}")
                try:
                    fruit.set("melon", bytes(1024 * 1024 + 1))
                except Err as error:
                    if error.value.kind is not errors.ErrorKind.OVERLOADED:
                        raise
                    say("melon is too large")

                # A bucket of its own: none of its keys are the fruit bucket's.
                with fruit.open_sub("citrus") as citrus:
                    citrus.set("lemon", b"yellow")
                    say(f"citrus holds {' '.join(entry.key for entry in citrus.list(''))}")

                # The bucket is lent: the summarizer can use it until it answers.
                summary = "none"
                summarizer = app_grants.get_summarizer()
                if summarizer is not None:
                    with summarizer:
                        summary = summarizer.summarize(fruit)
                say(f"summary {summary}")
                return kv.Report([entry.key for entry in fruit.list("")], 0, summary)
