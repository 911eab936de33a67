"""The child process of `parser`: `python -m capwit.codegen.schema.parser_child SCHEMA... -- ROOT...`.

It writes an encoded `CodeGeneratorRequest` to its output. pycapnp's parser copies the nodes as they
are; it keeps no doc comments, so those come from the text. On a schema that is not valid the parser
ends this process; what it said stands on stderr, behind one line `file: PATH` per file.
"""

from __future__ import annotations

import os
import re
import resource
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

import capnp
from capwit.codegen.schema.scan import Scan, read_text, scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from capwit.codegen.schema.scan import Quoted

MEMORY: Final = 4 << 30  # bytes of address space
CPU: Final = 60  # seconds
FILE_SIZE: Final = 16 << 20  # bytes
FILES: Final = 1000
REQUEST: Final = 64 << 20  # bytes

_QUOTE: Final = '"'
_PLAIN: Final = re.compile(r'"[^"\\\ufffd]*"')
"""A path that is what stands there: no escapes, no line in a backtick, no byte that is not UTF-8."""

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
    request = _request(files, parsed)
    if len(request) > REQUEST:
        mend = "name fewer constants in others: each is written out"
        sys.exit(f"error: what it says is more than {REQUEST >> 20} MiB: {mend}")
    sys.stdout.buffer.write(request)


def _collect(schemas: Iterable[Path], roots: Sequence[Path]) -> dict[Path, _File]:
    """The schemas and what they import, directly or not, by their real paths.

    What a file names is looked up from wherever the parser opens it: from its real path, by which it is
    parsed here, and from the one that it is imported by, which may lead through links.
    """
    files: dict[Path, _File] = {}
    seen: set[Path] = set()
    room = FILE_SIZE
    waiting = deque(schemas)
    while waiting:
        opened = waiting.popleft()
        if opened in seen:
            continue
        seen.add(opened)
        path = opened.resolve()
        sys.stderr.write(f"file: {path}\n")
        if len(seen) > FILES:
            sys.exit(f"error: with what it imports, there are more than {FILES} files")
        if not path.is_file() or path.stat().st_size > FILE_SIZE:
            sys.exit(f"error: {path.name} is not a file of at most {FILE_SIZE >> 20} MiB")
        found = files[path].scan if path in files else scan(read_text(path))
        for each in found.embeds:
            room -= _embedded(path, each, opened.parent, roots)
            if room < 0:
                _refuse(path, each, f"files to embed are more than {FILE_SIZE >> 20} MiB")
        names = [_name(path, each) for each in found.imports]
        # One that is not found is left to the parser, which tells the place.
        imports = {name: target for name in names if (target := _look_up(name, opened.parent, roots)[1])}
        waiting += imports.values()
        if opened == path:
            files[path] = _File(found, {name: target.resolve() for name, target in imports.items()})
        else:
            waiting.append(path)
    return files


def _embedded(path: Path, quoted: Quoted, opened: Path, roots: Sequence[Path]) -> int:
    """The size of an embedded file, which lies beneath the schema's folder: the output will hold it."""
    name = _name(path, quoted)
    folder, target = _look_up(name, opened, roots)
    if os.path.normpath(name.lstrip("/")).split("/")[0] == "..":
        _refuse(path, quoted, "file to embed is outside of the schema's folder")
    if target is None:
        _refuse(path, quoted, "file to embed is not there")
    if not target.resolve().is_relative_to(folder.resolve()):
        _refuse(path, quoted, "file to embed is outside of the schema's folder")
    if not target.is_file():
        _refuse(path, quoted, "file to embed is no regular file")
    return target.stat().st_size


def _look_up(name: str, folder: Path, roots: Sequence[Path]) -> tuple[Path, Path | None]:
    """The file that the parser opens for a name, and the folder it is beneath: `..` goes before links do."""
    for base in roots if name.startswith("/") else [folder]:
        path = os.path.normpath(base / name.lstrip("/"))
        if os.path.exists(path):  # noqa: PTH110 (that of a Path raises for a name that is too long)
            return base, Path(path)
    return folder, None


def _name(path: Path, quoted: Quoted) -> str:
    """The path in quotes, of which nobody is to think that it is another one than the parser does."""
    if not _PLAIN.fullmatch(quoted.text):
        _refuse(path, quoted, "path of a file has an escape, or is not UTF-8")
    return quoted.text[1:-1]


def _refuse(path: Path, quoted: Quoted, message: str) -> NoReturn:
    """Ends the process with words like the parser's own, which counts lines from 0."""
    sys.exit(f"{path}:{quoted.line - 1}: failed: {message}: {quoted.text.strip(_QUOTE)!r}")


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
