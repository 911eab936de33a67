"""What is made of the ledger: tables, files, audit logs, pictures.

```python
ledger = Ledger()
with JsonLines("run.jsonl") as lines:
    ledger.listen(lines)
    async with Host(ledger=ledger) as host: ...
```
"""

from .errors import LedgerError
from .lines import JsonLines, read_lines
from .table import table_rows

__all__ = ["JsonLines", "LedgerError", "read_lines", "table_rows"]
