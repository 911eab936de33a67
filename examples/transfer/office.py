"""The office: host code. Its parcels can be revoked, each or all, wherever they have gone."""

from post import ParcelClient


class Parcel:
    """Something in a box."""

    def __init__(self, label: str, contents: str) -> None:
        """Pack it."""
        self._label = label
        self._contents = contents

    def label(self) -> str:
        """Tell what is written on it."""
        return self._label

    def open(self) -> str:
        """Tell what is in it."""
        return self._contents


class Office:
    """Packs parcels, and can have them back."""

    def __init__(self) -> None:
        """Begin with none."""
        self._packed: list[ParcelClient] = []

    def pack(self, label: str, contents: str) -> ParcelClient:
        """Return a new parcel, behind a membrane of its own."""
        parcel = ParcelClient(Parcel(label, contents)).attenuate(name=f"parcel {label}")
        self._packed.append(parcel)
        return parcel

    def recall(self, reason: str) -> None:
        """Cut every handle of what was packed, whoever holds it."""
        for parcel in self._packed:
            parcel.revoke(reason)
