"""What is made of the ledger: tables, files, audit logs, pictures.

```python
ledger = Ledger()
with JsonLines("run.jsonl") as lines:
    ledger.listen(lines)
    async with Host(ledger=ledger) as host: ...
Path("run.html").write_text(draw_page(put_together(ledger), "run"), "utf-8")
```
"""

from .errors import LedgerError
from .history import History, put_together
from .lines import JsonLines, read_lines
from .mermaid import draw_mermaid
from .page import draw_page
from .table import table_rows
from .trail import AuditTrail

__all__ = [
    "AuditTrail",
    "History",
    "JsonLines",
    "LedgerError",
    "draw_mermaid",
    "draw_page",
    "put_together",
    "read_lines",
    "table_rows",
]
