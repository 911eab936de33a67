"""C# programs: .NET 8 and its workload for WASI, which makes wasip1 modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import child
from .errors import BuildError
from .recipe import Recipe
from .tools import need_program

if TYPE_CHECKING:
    from pathlib import Path

    from .child import Progress

_MEND: Final = "install the SDK of .NET 8 (https://dot.net), then: dotnet workload install wasi-experimental"


def program(source: Path) -> Recipe:
    """Return how to make a wasip1 module of a project's folder. .NET looks for what has changed itself.

    Raises:
        BuildError: .NET is missing, or the folder is not of one project.
    """
    projects = sorted(source.glob("*.csproj"))
    if len(projects) != 1:
        raise BuildError(f"{source} is not the folder of one .csproj", "name a project's folder")
    return Recipe(_Program(projects[0], need_program("dotnet", "a C# guest", _MEND)).make)


@dataclass(frozen=True, slots=True)
class _Program:
    project: Path
    dotnet: str

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        """Make a module that is run by its `_start`."""
        artifacts = scratch / "artifacts"
        done = child.run(
            [
                self.dotnet,
                "build",
                str(self.project.resolve()),
                "-c",
                "Release",
                f"--artifacts-path={artifacts}",
            ],
            f"compiling {self.project.name} with dotnet",
            progress,
            {"DOTNET_NOLOGO": "1", "DOTNET_CLI_TELEMETRY_OPTOUT": "1"},
        )
        made = next(artifacts.rglob(f"AppBundle/{self.project.stem}.wasm"), None)
        if not done.good or made is None:
            mend = "correct the lines it names; a project for WASI is examples/languages/dotnet"
            raise BuildError(f"dotnet refuses {self.project}:\n{done.output}", mend)
        made.replace(out)
