"""How a WASI call fails: by its own error where its type has one, else by a trap."""

from __future__ import annotations

from typing import Any

from capwit.bridge.errors import EngineError, InstanceEnded


class WasiError(Exception):
    """A call's own error: the value of its result's bad end."""

    def __init__(self, value: Any) -> None:
        """Make the error of a value of the WIT type."""
        super().__init__(value)
        self.value = value


class NotGrantedError(InstanceEnded):
    """A call that its manifest does not grant, of a function that has no error to give: the guest ends."""

    def __init__(self, function: str, grant: str | None) -> None:
        """Make the end of a guest that called `function`."""
        mend = (
            f"grant `{grant}` (under [wasi] in the manifest)"
            if grant
            else "this release serves no such function"
        )
        super().__init__(f"{function} is not granted. Mend: {mend}")


__all__ = ["EngineError", "NotGrantedError", "WasiError"]
