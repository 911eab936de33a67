"""The smallest guest: a core module without anything in it, which is instantiated and exits."""

import asyncio

from capwit.bridge import Host

EMPTY = b"\0asm\x01\0\0\0"


async def main() -> None:
    """Run it, on no grants at all."""
    async with Host() as host:
        module = await host.load_module(EMPTY, name="empty.wasm")
        async with module.instantiate() as instance:
            await instance.run()
    print("[wasm-host] empty module instantiated and exited")


asyncio.run(main())
