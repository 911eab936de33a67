"""Cap'n Proto RPC, by way of pycapnp: capabilities of other processes, and ours for them.

```python
async with Host() as host, rpc.connect("127.0.0.1:9000", ledger=host.ledger) as connection:
    app = await host.load("build/app.wasm")
    async with connection.bootstrap(StoreClient) as store:
        async with app.instantiate(KvGrants(store=store, console=console)) as instance: ...
```

`connect` and `serve` run pycapnp's event loop for as long as they need it. Values alone are `Message`'s.
"""

from capwit.bridge.peers import PeerAddress

from .connection import Connection, connect, exported, remote, server
from .dial import Dial
from .line import Line, dialling, line
from .listening import Listening
from .message import Message
from .peer import Bounds, Peer
from .service import Service, serve
from .tls import client_tls, server_tls

__all__ = [
    "Bounds",
    "Connection",
    "Dial",
    "Line",
    "Listening",
    "Message",
    "Peer",
    "PeerAddress",
    "Service",
    "client_tls",
    "connect",
    "dialling",
    "exported",
    "line",
    "remote",
    "serve",
    "server",
    "server_tls",
]
