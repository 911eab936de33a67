// What each language does with its grants: a store, its buckets, and a component that they are lent to.
//
// The world's functions are named as the canonical ABI has them: a handle is an i32, a text or list a pointer and
// a length, and a result that is no number is written to where the last parameter points.

@external("demo:kv/app-grants@0.1.0", "get-store") declare function getStore(): i32;
@external("demo:kv/app-grants@0.1.0", "get-console") declare function getConsole(): i32;
@external("demo:kv/app-grants@0.1.0", "get-summarizer") declare function getSummarizer(out: usize): void;
@external("capwit:caps/standard@0.1.0", "[method]console.write")
declare function consoleWrite(console: i32, data: usize, size: i32, out: usize): void;
@external("capwit:caps/standard@0.1.0", "[resource-drop]console") declare function dropConsole(console: i32): void;
@external("demo:kv/kv@0.1.0", "[method]store.durability") declare function storeDurability(store: i32, out: usize): void;
@external("demo:kv/kv@0.1.0", "[method]store.open")
declare function storeOpen(store: i32, name: usize, size: i32, out: usize): void;
@external("demo:kv/kv@0.1.0", "[resource-drop]store") declare function dropStore(store: i32): void;
@external("demo:kv/kv@0.1.0", "[method]bucket.get")
declare function bucketGet(bucket: i32, key: usize, size: i32, out: usize): void;
@external("demo:kv/kv@0.1.0", "[method]bucket.set")
declare function bucketSet(bucket: i32, key: usize, size: i32, value: usize, length: i32, out: usize): void;
@external("demo:kv/kv@0.1.0", "[method]bucket.list")
declare function bucketList(bucket: i32, prefix: usize, size: i32, out: usize): void;
@external("demo:kv/kv@0.1.0", "[method]bucket.open-sub")
declare function bucketOpenSub(bucket: i32, name: usize, size: i32, out: usize): void;
@external("demo:kv/kv@0.1.0", "[resource-drop]bucket") declare function dropBucket(bucket: i32): void;
@external("demo:kv/kv@0.1.0", "[method]summarizer.summarize")
declare function summarizerSummarize(summarizer: i32, bucket: i32, out: usize): void;
@external("demo:kv/kv@0.1.0", "[resource-drop]summarizer") declare function dropSummarizer(summarizer: i32): void;
@external("[export]demo:kv/app-exports-runner@0.1.0", "[resource-new]runner") declare function newRunner(rep: i32): i32;

const OVERLOADED: u8 = 1;
const ENTRY: usize = 32; // bytes: key, value, and meta at 16

// Where results are written to. It is read before anything else is called; each begins with whether it failed.
const out: usize = memory.data(48, 8);

function text(at: usize): string {
  return String.UTF8.decodeUnsafe(load<u32>(at), load<u32>(at, 4));
}

// Has a call failed, by what it has written at `out`, its error standing at `offset` of it?
let failed = false;
let kind: u8 = 0;
let reason = "";
function check(offset: usize = 4): bool {
  failed = load<u8>(out) != 0;
  if (failed) {
    kind = load<u8>(out + offset);
    reason = text(out + offset + 4);
  }
  return !failed;
}

function say(console: i32, line: string): bool {
  const bytes = String.UTF8.encode(line + "\n");
  consoleWrite(console, changetype<usize>(bytes), bytes.byteLength, out);
  return check();
}

function set(bucket: i32, key: string, value: ArrayBuffer): bool {
  const name = String.UTF8.encode(key);
  bucketSet(bucket, changetype<usize>(name), name.byteLength, changetype<usize>(value), value.byteLength, out);
  return check(8);
}

function get(bucket: i32, key: string): string | null {
  const name = String.UTF8.encode(key);
  bucketGet(bucket, changetype<usize>(name), name.byteLength, out);
  return check(8) && load<u8>(out, 8) ? text(out + 24) : null;
}

function keys(bucket: i32): string[] {
  const found: string[] = [];
  bucketList(bucket, 0, 0, out);
  if (!check()) return found;
  const at: usize = load<u32>(out, 4);
  const length: usize = load<u32>(out, 8);
  for (let i: usize = 0; i < length; i++) found.push(text(at + i * ENTRY));
  return found;
}

function summarize(bucket: i32): string {
  getSummarizer(out);
  if (!load<u8>(out)) return "none";
  const summarizer = load<i32>(out, 4);
  summarizerSummarize(summarizer, bucket, out);
  const told = check() ? text(out + 4) : "";
  dropSummarizer(summarizer);
  return told;
}

class Report {
  keys: string[] = [];
  summary: string = "";
}

// Each function drops what it owns, and says whether all went well.
function withCitrus(console: i32, citrus: i32): bool {
  if (!set(citrus, "lemon", String.UTF8.encode("yellow"))) return false;
  const held = keys(citrus);
  return !failed && say(console, "citrus holds " + held.join(" "));
}

function withFruit(console: i32, fruit: i32, report: Report): bool {
  if (!set(fruit, "apple", String.UTF8.encode("red"))) return false;
  const value = get(fruit, "apple");
  if (failed || (value !== null && !say(console, "apple is " + value))) return false;
  if (!set(fruit, "melon", new ArrayBuffer(1024 * 1024 + 1))) {
    if (kind != OVERLOADED || !say(console, "melon is too large")) return false;
  }

  // A bucket of its own: none of its keys are the fruit bucket's.
  const name = String.UTF8.encode("citrus");
  bucketOpenSub(fruit, changetype<usize>(name), name.byteLength, out);
  if (!check()) return false;
  const citrus = load<i32>(out, 4);
  const nested = withCitrus(console, citrus);
  dropBucket(citrus);
  if (!nested) return false;

  // The bucket is lent: the summarizer can use it until it answers.
  report.summary = summarize(fruit);
  if (failed || !say(console, "summary " + report.summary)) return false;
  report.keys = keys(fruit);
  return !failed;
}

function withStore(console: i32, store: i32, report: Report): bool {
  storeDurability(store, out);
  if (!check()) return false;
  if (!say(console, "stored " + (load<u8>(out, 4) ? "on disk" : "in memory"))) return false;
  const name = String.UTF8.encode("fruit");
  storeOpen(store, changetype<usize>(name), name.byteLength, out);
  if (!check()) return false;
  const fruit = load<i32>(out, 4);
  const done = withFruit(console, fruit, report);
  dropBucket(fruit);
  return done;
}

// ---- memory for what the host passes in, and what it reads, until it has read the result

const kept: ArrayBuffer[] = [];

export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
  const bytes = new ArrayBuffer(<i32>size);
  kept.push(bytes);
  const at = changetype<usize>(bytes); // 16 bytes is its alignment
  memory.copy(at, old, min(oldSize, size));
  return at;
}

function lower(value: string, to: usize): void {
  const bytes = String.UTF8.encode(value);
  kept.push(bytes);
  store<u32>(to, changetype<usize>(bytes));
  store<u32>(to, bytes.byteLength, 4);
}

// ---- the resource that the world exports: it has no state, so any number stands for it; transform.mjs names these

const answer: usize = memory.data(24, 4);

export function construct(): i32 {
  return newRunner(1);
}

export function run(_: i32): usize {
  const console = getConsole();
  const granted = getStore();
  const report = new Report();
  const done = withStore(console, granted, report);
  dropStore(granted);
  dropConsole(console);
  store<u8>(answer, done ? 0 : 1);
  if (!done) {
    store<u8>(answer, kind, 4);
    lower(reason, answer + 8);
    return answer;
  }
  const texts = cabi_realloc(0, 0, 4, report.keys.length * 8);
  for (let i = 0; i < report.keys.length; i++) lower(report.keys[i], texts + i * 8);
  store<u32>(answer, texts, 4);
  store<u32>(answer, report.keys.length, 8);
  store<u32>(answer, 0, 12);
  lower(report.summary, answer + 16);
  return answer;
}

export function returned(_: usize): void {
  kept.length = 0;
}
