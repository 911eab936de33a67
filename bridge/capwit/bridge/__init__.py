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

from .capability import Client, OwnedCapability
from .capset import CapSet
from .composition import compose
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
from .host import App, Front, Host, Service
from .instance import Instance
from .ledger import Entry, Event, Ledger
from .limits import Limits
from .membrane import Membrane
from .module import Module, ModuleFront, ModuleInstance
from .policy import Policy
from .target import Origin, never_waits

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
    "never_waits",
]
