// What each language does: arguments, environment, a file, a clock, randomness, an exit code.
import {
  errno, fd, fd_close, fd_read, fd_write, iovec, lookupflags, oflags, path_open, rights,
} from "@assemblyscript/wasi-shim/assembly/bindings/wasi_snapshot_preview1";

function open(path: string, flags: oflags, may: rights): fd {
  const name = String.UTF8.encode(path);
  const out = memory.data(4);
  const answer = path_open(
    3, lookupflags.SYMLINK_FOLLOW, changetype<usize>(name), name.byteLength, flags, may, 0, 0, changetype<usize>(out),
  );
  if (answer != errno.SUCCESS) {
    console.log(path + ": " + answer.toString());
    process.exit(1);
  }
  return load<u32>(changetype<usize>(out));
}

console.log("args " + process.argv.slice(1).join(" "));
console.log("env " + (process.env.has("KEY") ? process.env.get("KEY") : "none"));

const moved = memory.data(4);
const vector = memory.data(8);
const buffer = new ArrayBuffer(100);
store<u32>(vector, changetype<usize>(buffer));
store<u32>(vector, 100, 4);
const source = open("in", 0, rights.FD_READ);
fd_read(source, changetype<usize>(vector), 1, changetype<usize>(moved));
fd_close(source);
const text = String.UTF8.decode(buffer.slice(0, load<u32>(moved)));
console.log("read " + text);

const counts = new Map<string, i32>();
for (let i = 0; i < text.length; i++) {
  const c = text.charAt(i);
  counts.set(c, (counts.has(c) ? counts.get(c) : 0) + 1);
}
const keys = counts.keys().sort();
let counted = "";
for (let i = 0; i < keys.length; i++) counted += keys[i] + counts.get(keys[i]).toString();
const bytes = String.UTF8.encode(counted);
store<u32>(vector, changetype<usize>(bytes));
store<u32>(vector, bytes.byteLength, 4);
const target = open("out", oflags.CREAT | oflags.TRUNC, rights.FD_WRITE);
fd_write(target, changetype<usize>(vector), 1, changetype<usize>(moved));
fd_close(target);

console.log("time " + (Date.now() > 1_600_000_000_000 ? "1" : "0"));
console.log("random " + (Math.random() < 1 ? "1" : "0"));
process.exit(7);
