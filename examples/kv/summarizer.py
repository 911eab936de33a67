"""The guest of world `summary`: tells what is in a bucket that it is lent. It holds nothing of its own.

capwit build examples/kv/summarizer.py --wit build/kv/wit --world summary -o build/summary.wasm
"""

from wit_world.exports import summary_exports_summarizer
from wit_world.imports import kv


class Summarizer(summary_exports_summarizer.Summarizer):
    """What the host calls."""

    def __init__(self) -> None: ...

    def summarize(self, bucket: kv.Bucket) -> str:
        """Counts keys and bytes. The bucket is lent: it is the caller's again when this returns."""
        entries = bucket.list("")
        return f"{len(entries)} keys, {sum(entry.meta.size for entry in entries)} bytes"
