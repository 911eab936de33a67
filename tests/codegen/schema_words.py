"""What random schemas are written with: hostile names and comments, and types that have no declaration."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

INTEGERS: Final = {f"{sign}nt{bits}": (sign, bits) for sign in ("I", "UI") for bits in (8, 16, 32, 64)}
SCALARS: Final = ("Bool", *INTEGERS, "Float32", "Float64")
VALUES: Final = ("Text", "Data", *SCALARS, "Void")
UNTOLD: Final = ("AnyPointer", "AnyStruct", "AnyList", "Capability")

# Members: keywords of WIT, of Python and of Cap'n Proto, what generated code itself uses,
# acronyms, digits.
MEMBERS: Final = (
    *("a", "value", "values", "name", "getURL", "httpServer", "x2", "x2y", "sha256Sum", "aB"),
    *("type", "func", "record", "list", "option", "result", "own", "borrow", "use", "string", "u8", "stream"),
    *("from", "class", "async", "await", "import", "lambda", "none", "return", "def", "is", "in", "match"),
    *("int", "str", "bytes", "bool", "float", "wit", "dataclass", "sequence", "final", "close"),
    *("struct", "interface", "group", "errorContext", "capError", "kind", "reason", "some", "ok", "err"),
    *("keep", "target", "which", "params", "results", "interfaceId", "readOnlyFSCache"),
    *( "node", "nodes", "unknown", "self", "call"),
)  # fmt: skip
TYPES: Final = (
    *("Shape", "HTTPServer", "Entry", "Node", "Tree", "Map", "URL", "V2", "X509Cert", "Client"),
    *("Own", "Option", "Result", "Record", "Enum", "Protocol", "Sequence", "Type", "None"),
    *("Final", "Host", "Box", "AnyCap", "AnyValue", "ErrorKind", "Stream", "Class", "Import"),
    *("MaybeAwaitable",),
)  # fmt: skip
LABELS: Final = ("type", "given-name", "use", "x-1", "list", "async", "a1-b2", "import", "client")
GENERICS: Final = ("T", "Key", "Value")
DOC: Final = st.text(
    st.one_of(
        st.sampled_from(list("\"\\'`*/#{}@$\t\r\x07\x7f\u202e\u2066\u0149\u2028\u200b\x85\x0b\x0c ab")),
        st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]),
    ),
    min_size=1,
    max_size=12,
)
SNIPPETS: Final = (
    '"""', "*/", "\\", '"', "'''", "/// x", "{@link x}", "\\N{DASH}", "%s {0}", "``x``", " ", "# ruff: noqa"
)  # fmt: skip
