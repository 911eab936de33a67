"""Programs: manifests, run.

```python
async with Host(caps=CapSet({"store": StoreClient(MyStore())})) as host:
    async with assemble(host, read_manifest(path, MACHINE)) as program:
        await program.run()
```
"""

from capwit.bridge.holdings import Holdings
from capwit.hosting.entry import find_entry, run_entry
from capwit.hosting.errors import ProgramError
from capwit.manifest import Manifest, parse_manifest, read_manifest
from capwit.manifest.kinds import MACHINE

from .assemble import ModuleProgram, Program, assemble
from .clients import OwnInstances, SharedInstances
from .code import is_module
from .errors import ListenError
from .exports import find_export
from .modules import load_bindings
from .repeated import Repeated, assemble_repeated

__all__ = [
    "MACHINE",
    "Holdings",
    "ListenError",
    "Manifest",
    "ModuleProgram",
    "OwnInstances",
    "Program",
    "ProgramError",
    "Repeated",
    "SharedInstances",
    "assemble",
    "assemble_repeated",
    "find_entry",
    "find_export",
    "is_module",
    "load_bindings",
    "parse_manifest",
    "read_manifest",
    "run_entry",
]
