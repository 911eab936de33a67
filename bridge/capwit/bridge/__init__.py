"""The bridge: components as holders of capabilities.

```python
async with Host() as host:
    app = await host.load("build/app.wasm")
    grants = KvGrants(store=MyStore(), console=console)
    async with app.instantiate(grants, limits=Limits(wall="2s")) as instance:
        async with await instance.export(RunnerClient) as runner:
            report = await runner.run()
```
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from .capability import Client, OwnedCapability
from .capset import CapSet
from .errors import (
    CapError,
    ConversionError,
    EngineError,
    ErrorKind,
    GrantError,
    GuestExit,
    HandleError,
    InstanceEnded,
    Limit,
    LimitExceeded,
    LinkError,
    LoadError,
    ManifestError,
    ReentranceError,
    Trap,
)
from .ledger import Entry, Event, Ledger
from .limits import Limits
from .membrane import Membrane
from .policy import Policy
from .target import Origin, never_waits

if TYPE_CHECKING:
    from .app import App, Front, Service
    from .composition import compose
    from .functions import functions_of
    from .host import Host
    from .instance import Instance
    from .module import Module, ModuleFront, ModuleInstance

__all__ = [
    "App",
    "CapError",
    "CapSet",
    "Client",
    "ConversionError",
    "EngineError",
    "Entry",
    "ErrorKind",
    "Event",
    "Front",
    "GrantError",
    "GuestExit",
    "HandleError",
    "Host",
    "Instance",
    "InstanceEnded",
    "Ledger",
    "Limit",
    "LimitExceeded",
    "Limits",
    "LinkError",
    "LoadError",
    "ManifestError",
    "Membrane",
    "Module",
    "ModuleFront",
    "ModuleInstance",
    "Origin",
    "OwnedCapability",
    "Policy",
    "ReentranceError",
    "Service",
    "Trap",
    "compose",
    "functions_of",
    "never_waits",
]

# What many programs do without is imported when it is asked for. Generated bindings and clients of what runs
# elsewhere need no engine, which is most of what there is to import; a host does.
_LATER: Final = {
    "App": ".app",
    "Front": ".app",
    "Host": ".host",
    "Service": ".app",
    "Instance": ".instance",
    "compose": ".composition",
    "functions_of": ".functions",
    "Module": ".module",
    "ModuleFront": ".module",
    "ModuleInstance": ".module",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name], __name__), name)
