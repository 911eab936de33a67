"""How a program ends by its own answer."""

from __future__ import annotations

from typing import Any

from capwit.bridge.errors import EngineError


class ProgramError(EngineError):
    """The program's own answer was an error: `error` is its value, of the program's WIT type."""

    def __init__(self, error: Any) -> None:
        """Keep the error."""
        text = error
        if isinstance(error, dict) and set(error) == {"kind", "reason"}:
            text = f"{error['kind']}: {error['reason']}"
        super().__init__("the program failed" if text is None else f"the program failed: {text}")
        self.error = error
