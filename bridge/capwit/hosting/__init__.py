"""Placing instances: on this machine for others, and on other machines for us.

```python
async with Host() as host, rpc.serve(Placing(host).capability(), "127.0.0.1:9000") as server:
    await server.closed()

async with rpc.connect("127.0.0.1:9000") as connection:
    there = connection.bootstrap(WasmHostClient)
    code = await there.load(Path("tool.wasm").read_bytes(), "tool.wasm")
    instance = await there.spawn(code, named(WasiGrants(stdout=console)), options(args=["tool"]))
    returned(await instance.run(""))
```
"""

from .entry import find_entry, run_entry
from .errors import ProgramError
from .grants import named, options
from .local import Placing
from .outcome import error_of, returned

__all__ = [
    "Placing",
    "ProgramError",
    "error_of",
    "find_entry",
    "named",
    "options",
    "returned",
    "run_entry",
]
