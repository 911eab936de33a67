// What each language does: arguments, environment, a file, a clock, randomness, an exit code.
import * as std from "qjs:std";
import * as os from "qjs:os";

print("args", ...scriptArgs.slice(1));
print("env", std.getenv("KEY") ?? "none");

const text = std.loadFile("in");
if (text === null) throw new Error("in: cannot be read");
print("read", text);
const counts = new Map();
for (const c of text) counts.set(c, (counts.get(c) ?? 0) + 1);
std.writeFile("out", [...counts].sort().flat().join(""));

const start = performance.now();
await new Promise((done) => os.setTimeout(done, 1));
print("time", Number(Date.now() > 50 * 365 * 86400e3 && performance.now() > start));
const bytes = crypto.getRandomValues(new Uint8Array(16));
print("random", Number(bytes.some((byte) => byte > 0)));
std.exit(7);
