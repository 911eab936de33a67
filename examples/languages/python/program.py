"""What each language does: arguments, environment, a file, a clock, randomness, an exit code."""

import os
import sys
import time
from collections import Counter
from pathlib import Path

print("args", *sys.argv[1:])
print("env", os.environ.get("KEY", "none"))

text = Path("in").read_text()
print("read", text)
Path("out").write_text("".join(f"{c}{count}" for c, count in sorted(Counter(text).items())))

start = time.monotonic_ns()
time.sleep(0.001)
print("time", int(time.time() > 50 * 365 * 86400 and time.monotonic_ns() - start >= 1_000_000))
print("random", int(sum(os.urandom(16)) > 0))
sys.exit(7)
