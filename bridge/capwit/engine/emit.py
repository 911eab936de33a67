"""Python source as it is written: a plan's functions, and the names they use.

A plan is straight-line Python made for one function type: no reflection is left when it runs. Its
source is kept in `linecache`, so that a traceback through a plan shows the line.
"""

from __future__ import annotations

import linecache
import weakref
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import CodeType

_serial = count(1)


class Source:
    """Functions being written, with the constants they refer to."""

    def __init__(self, title: str, **names: object) -> None:
        """Start an empty source; `title` is for tracebacks, `names` are known to its functions."""
        self.title = title
        self.names: dict[str, Any] = dict(names)
        self._lines: list[str] = []
        self._functions: list[str] = []
        self._serial = count(1)
        self._constants: dict[int, str] = {}
        self._tables: list[dict[Any, Any]] = []

    def fresh(self, stem: str) -> str:
        """Return a name that is used nowhere yet."""
        return f"{stem}_{next(self._serial)}"

    def constant(self, stem: str, value: object) -> str:
        """Make `value` known to the functions, and return its name."""
        known = self._constants.get(id(value))
        if known is None:
            known = self._constants[id(value)] = self.fresh(stem)
            self.names[known] = value
        return known

    def table(self, stem: str, functions: dict[Any, str]) -> str:
        """Make a table of functions that are being written known, and return its name."""
        table: dict[Any, Any] = dict(functions)
        self._tables.append(table)
        return self.constant(stem, table)

    def function(self, name: str, params: str, body: list[str]) -> str:
        """Add a function with these lines as its body, and return its name."""
        self._functions.append(name)
        self._lines += [f"def {name}({params}):", *(f"    {line}" for line in body), ""]
        return name

    def compile(self) -> dict[str, Any]:
        """Compile all that was written; returns the functions by name, among the names they use."""
        text = "\n".join(self._lines)
        filename = f"<capwit plan {next(_serial)}: {self.title}>"
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        code: CodeType = compile(text, filename, "exec")
        exec(code, self.names)  # noqa: S102 - the text is written by this package, labels quoted
        # The text is forgotten with the functions.
        weakref.finalize(self.names[self._functions[0]], linecache.cache.pop, filename, None).atexit = False
        for table in self._tables:
            table.update({key: self.names[name] for key, name in table.items()})
        return self.names
