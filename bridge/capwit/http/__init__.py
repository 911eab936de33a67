"""Components as servers: pools of instances behind ASGI."""

from capwit.preview2.http.endpoint import ComponentEndpoint

from .asgi import AsgiApp
from .pool import Pool
from .server import address_of, listen, run_server

__all__ = ["AsgiApp", "ComponentEndpoint", "Pool", "address_of", "listen", "run_server"]
