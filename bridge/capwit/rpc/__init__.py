"""Cap'n Proto RPC, by way of pycapnp: capabilities of other processes, and ours for them.

```python
async with Host() as host, rpc.connect("127.0.0.1:9000", ledger=host.ledger) as connection:
    app = await host.load("build/app.wasm")
    async with connection.bootstrap(StoreClient) as store:
        async with app.instantiate(KvGrants(store=store, console=console)) as instance: ...
```

`connect` and `serve` run pycapnp's event loop for as long as they need it. Values alone are `Message`'s.
"""

from .address import Address
from .connection import Connection, Server, connect, exported, remote, serve, server
from .listening import Listening
from .message import Message
from .peer import Bounds, Peer
from .service import Service

__all__ = [
    "Address",
    "Bounds",
    "Connection",
    "Listening",
    "Message",
    "Peer",
    "Server",
    "Service",
    "connect",
    "exported",
    "remote",
    "serve",
    "server",
]
