"""The guest of world `sender`: sends a parcel, and has it recalled.

capwit build examples/transfer/sender.py --wit build/transfer/wit --world sender -o build/sender.wasm
"""

from componentize_py_types import Err
from wit_world.exports import sender_exports_sender
from wit_world.imports import sender_grants


class Sender(sender_exports_sender.Sender):
    """The program."""

    def __init__(self) -> None: ...

    def run(self) -> None:
        """Packs, sends, recalls, and asks what became of it."""
        with (
            sender_grants.get_console() as console,
            sender_grants.get_office() as office,
            sender_grants.get_courier() as courier,
        ):
            parcel = office.pack("to Ada", "a clock")
            console.write(b"sender: packed a parcel\n")

            # The parcel is given away: from here on the sender has no handle of it.
            answer = courier.deliver(parcel)
            console.write(f"recipient: {answer}\n".encode())

            office.recall("it was not paid for")
            console.write(b"sender: had it recalled\n")
            try:
                answer = courier.inquire()
            except Err as error:
                answer = f"{error.value.kind.name.lower()}, {error.value.reason}"
            console.write(f"recipient: {answer}\n".encode())
