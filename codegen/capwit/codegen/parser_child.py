"""The child process of `capwit.codegen.parser`: `python -m capwit.codegen.parser_child SCHEMA... -- ROOT...`.

It writes an encoded `CodeGeneratorRequest` to its output. pycapnp's parser copies the nodes as they
are; it keeps no doc comments, so those come from the text. On a schema that is not valid the parser
ends this process; what it said stands on stderr, behind one line `file: PATH` per file.
"""

from __future__ import annotations

import resource
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import capnp
from capwit.codegen.scan import Scan, read_text, scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MEMORY: Final = 4 << 30  # bytes of address space
CPU: Final = 60  # seconds
FILE_SIZE: Final = 16 << 20  # bytes
FILES: Final = 1000

_INCLUDED: Final = Path(capnp.__file__).parent


class _File(NamedTuple):
    scan: Scan
    imports: Mapping[str, Path]


class _Node(NamedTuple):
    """A schema node, and where its declaration stands in its file."""

    proto: Any
    path: tuple[str, ...]
    members: Sequence[str]


def main(arguments: Sequence[str]) -> None:
    """Parses the schemas before `--`; behind it are import roots."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    end = arguments.index("--")
    roots = arguments[end + 1 :]
    files = _collect(map(Path, arguments[:end]), [Path(folder) for folder in roots])
    # A parser that has met a struct of another file knows no groups of it any more when it comes to a
    # value of that struct: a file that may hold such values has a parser of its own.
    shared = capnp.SchemaParser()
    parsers = {  # kept: what they have parsed does not keep them
        path: capnp.SchemaParser() if file.scan.composed and file.imports else shared
        for path, file in files.items()
    }
    parsed = {path: parser._parse_disk_file(path.name, str(path), roots) for path, parser in parsers.items()}
    sys.stdout.buffer.write(_request(files, parsed))


def _collect(schemas: Iterable[Path], roots: Sequence[Path]) -> dict[Path, _File]:
    """The schemas and what they import, directly or not."""
    files: dict[Path, _File] = {}
    waiting = deque(schemas)
    while waiting:
        path = waiting.popleft()
        if path in files:
            continue
        sys.stderr.write(f"file: {path}\n")
        if len(files) == FILES:
            sys.exit(f"error: with what it imports, there are more than {FILES} files")
        if not path.is_file() or path.stat().st_size > FILE_SIZE:
            sys.exit(f"error: {path.name} is not a file of at most {FILE_SIZE >> 20} MiB")
        found = scan(read_text(path))
        targets = {name: _resolve(name, path.parent, roots) for name in found.imports}
        # One that is not found is left to the parser, which tells the place.
        imports = {name: target for name, target in targets.items() if target is not None}
        files[path] = _File(found, imports)
        waiting += imports.values()
    return files


def _resolve(name: str, folder: Path, roots: Sequence[Path]) -> Path | None:
    choices = [root / name[1:] for root in roots] if name.startswith("/") else [folder / name]
    return next((choice.resolve() for choice in choices if choice.exists()), None)


def _request(files: Mapping[Path, _File], parsed: Mapping[Path, Any]) -> bytes:
    schema = capnp.SchemaParser().load(str(_INCLUDED / "schema.capnp"), imports=[str(_INCLUDED.parent)])
    request = schema.CodeGeneratorRequest.new_message()
    nodes = [(node, files[path].scan) for path, file in parsed.items() for node in _walk(file)]
    request.init("nodes", len(nodes))
    request.init("sourceInfo", len(nodes))
    for index, (node, found) in enumerate(nodes):
        # pycapnp's own schema of a node and the one of the file are not the same to it: copy by bytes.
        with schema.Node.from_bytes(node.proto.as_builder().to_bytes()) as copy:
            request.nodes[index] = copy
        info = request.sourceInfo[index]
        info.id = node.proto.id
        info.docComment = _doc(found, node.path)
        for member, name in zip(info.init("members", len(node.members)), node.members, strict=True):
            member.docComment = _doc(found, (*node.path, name))
    request.init("requestedFiles", len(files))
    for requested, (path, file) in zip(request.requestedFiles, files.items(), strict=True):
        requested.id = parsed[path].node.id
        requested.filename = str(path)
        requested.init("imports", len(file.imports))
        for imported, (name, target) in zip(requested.imports, file.imports.items(), strict=True):
            imported.id = parsed[target].node.id
            imported.name = name
    return bytes(request.to_bytes())


def _doc(found: Scan, path: tuple[str, ...]) -> str:
    declaration = found.declarations.get(path)
    return declaration.doc if declaration else ""


def _walk(file: Any) -> Iterator[_Node]:
    """Every node that a file declares: nested, groups, and the structs of inline parameters."""
    waiting: list[tuple[Any, tuple[str, ...]]] = [(file, ())]
    while waiting:
        parsed, path = waiting.pop()
        proto = parsed.node
        nested = [each.name for each in proto.nestedNodes]
        waiting += [(parsed.get_nested(name), (*path, name)) for name in reversed(nested)]
        match proto.which():
            case "struct":
                yield from _walk_struct(parsed.as_struct(), path)
            case "interface":
                yield _Node(proto, path, [method.name for method in proto.interface.methods])
                for method, types in zip(
                    proto.interface.methods, parsed.as_interface().methods.values(), strict=True
                ):
                    for struct, kind in ((types.param_type, "Params"), (types.result_type, "Results")):
                        if not struct.node.scopeId:  # inline; else it is declared on its own
                            yield from _walk_struct(struct, (*path, f"{method.name}${kind}"))
            case "enum":
                yield _Node(proto, path, [enumerant.name for enumerant in proto.enum.enumerants])
            case _:
                yield _Node(proto, path, [])


def _walk_struct(struct: Any, path: tuple[str, ...]) -> Iterator[_Node]:
    waiting = [(struct, path)]
    while waiting:
        schema, path = waiting.pop()
        proto = schema.node
        yield _Node(proto, path, [field.name for field in proto.struct.fields])
        groups = [field for field in schema.fields_list if field.proto.which() == "group"]
        waiting += [(group.schema, (*path, group.proto.name)) for group in groups]


if __name__ == "__main__":
    main(sys.argv[1:])
