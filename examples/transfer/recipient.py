"""The guest of world `recipient`: keeps the parcels that it is given. It holds nothing else.

capwit build examples/transfer/recipient.py --wit build/transfer/wit --world recipient -o build/recipient.wasm
"""

from wit_world.exports import recipient_exports_recipient
from wit_world.imports import post


class Recipient(recipient_exports_recipient.Recipient):
    """What the courier calls."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.parcels: list[post.Parcel] = []

    def accept(self, parcel: post.Parcel) -> str:
        """Keeps the parcel: it is this component's own now."""
        self.parcels.append(parcel)
        return f"got the parcel {parcel.label()!r}, in it was {parcel.open()}"

    def look(self) -> str:
        """Opens the last one again."""
        return f"in it is {self.parcels[-1].open()}"
