// What each language does with its grants: a store, its buckets, and a component that they are lent to.
//
// The world's functions are named as the canonical ABI has them: a handle is an i32, a text or list a pointer and
// a length, and a result that is no number is written to where the last parameter points.
const std = @import("std");

const Handle = i32;
const Text = extern struct {
    at: [*]const u8,
    len: usize,

    fn of(text: []const u8) Text {
        return .{ .at = text.ptr, .len = text.len };
    }
    fn slice(text: Text) []const u8 {
        return text.at[0..text.len];
    }
};

const ErrorKind = enum(u8) { failed, overloaded, disconnected, unimplemented, revoked, denied, exhausted };
const CapError = extern struct { kind: ErrorKind, reason: Text };
const Entry = extern struct { key: Text, value: Text, meta: extern struct { version: u64, size: u32 } };
const Lookup = extern struct { found: bool, entry: Entry };
const Entries = extern struct { at: [*]const Entry, len: usize };
const Report = extern struct { keys: extern struct { at: [*]const Text, len: usize }, changes: u32, summary: Text };
const Option = extern struct { some: bool, handle: Handle };

fn Result(comptime T: type) type {
    return extern struct {
        failed: bool,
        value: extern union { ok: T, err: CapError },

        // The value, or `error.Cap` and what it was in `failure`.
        fn get(result: @This()) error{Cap}!T {
            if (!result.failed) return result.value.ok;
            failure = result.value.err;
            return error.Cap;
        }
    };
}

var failure: CapError = undefined;

const grants = struct {
    extern "demo:kv/app-grants@0.1.0" fn @"get-store"() Handle;
    extern "demo:kv/app-grants@0.1.0" fn @"get-console"() Handle;
    extern "demo:kv/app-grants@0.1.0" fn @"get-summarizer"(*Option) void;
};
const standard = struct {
    extern "capwit:caps/standard@0.1.0" fn @"[method]console.write"(Handle, [*]const u8, usize, *Result(void)) void;
    extern "capwit:caps/standard@0.1.0" fn @"[resource-drop]console"(Handle) void;
};
const kv = struct {
    extern "demo:kv/kv@0.1.0" fn @"[method]store.open"(Handle, [*]const u8, usize, *Result(Handle)) void;
    extern "demo:kv/kv@0.1.0" fn @"[method]store.durability"(Handle, *Result(u8)) void;
    extern "demo:kv/kv@0.1.0" fn @"[method]bucket.get"(Handle, [*]const u8, usize, *Result(Lookup)) void;
    extern "demo:kv/kv@0.1.0" fn @"[method]bucket.set"(Handle, [*]const u8, usize, [*]const u8, usize, *Result(u64)) void;
    extern "demo:kv/kv@0.1.0" fn @"[method]bucket.list"(Handle, [*]const u8, usize, *Result(Entries)) void;
    extern "demo:kv/kv@0.1.0" fn @"[method]bucket.open-sub"(Handle, [*]const u8, usize, *Result(Handle)) void;
    extern "demo:kv/kv@0.1.0" fn @"[method]summarizer.summarize"(Handle, Handle, *Result(Text)) void;
    extern "demo:kv/kv@0.1.0" fn @"[resource-drop]store"(Handle) void;
    extern "demo:kv/kv@0.1.0" fn @"[resource-drop]bucket"(Handle) void;
    extern "demo:kv/kv@0.1.0" fn @"[resource-drop]summarizer"(Handle) void;
};

const Bucket = struct {
    handle: Handle,

    fn drop(bucket: Bucket) void {
        kv.@"[resource-drop]bucket"(bucket.handle);
    }
    fn set(bucket: Bucket, key: []const u8, value: []const u8) !void {
        var version: Result(u64) = undefined;
        kv.@"[method]bucket.set"(bucket.handle, key.ptr, key.len, value.ptr, value.len, &version);
        _ = try version.get();
    }
    fn get(bucket: Bucket, key: []const u8) !?Entry {
        var result: Result(Lookup) = undefined;
        kv.@"[method]bucket.get"(bucket.handle, key.ptr, key.len, &result);
        const lookup = try result.get();
        return if (lookup.found) lookup.entry else null;
    }
    fn list(bucket: Bucket) ![]const Entry {
        var result: Result(Entries) = undefined;
        kv.@"[method]bucket.list"(bucket.handle, "", 0, &result);
        const entries = try result.get();
        return entries.at[0..entries.len];
    }
    fn openSub(bucket: Bucket, name: []const u8) !Bucket {
        var result: Result(Handle) = undefined;
        kv.@"[method]bucket.open-sub"(bucket.handle, name.ptr, name.len, &result);
        return .{ .handle = try result.get() };
    }
};

// What a run is given is let go together, once the host has read its result.
var arena: std.heap.ArenaAllocator = .init(std.heap.wasm_allocator);

export fn cabi_realloc(old: ?[*]u8, old_size: usize, alignment: usize, new_size: usize) [*]u8 {
    const at = arena.allocator().rawAlloc(new_size, .fromByteUnits(alignment), @returnAddress()) orelse @trap();
    if (old) |bytes| @memcpy(at[0..@min(old_size, new_size)], bytes[0..@min(old_size, new_size)]);
    return at;
}

fn say(console: Handle, comptime format: []const u8, arguments: anytype) !void {
    const line = try std.fmt.allocPrint(arena.allocator(), format ++ "\n", arguments);
    var written: Result(void) = undefined;
    standard.@"[method]console.write"(console, line.ptr, line.len, &written);
    try written.get();
}

fn run() !Report {
    const console = grants.@"get-console"();
    defer standard.@"[resource-drop]console"(console);
    const store = grants.@"get-store"();
    defer kv.@"[resource-drop]store"(store);
    var durability: Result(u8) = undefined;
    kv.@"[method]store.durability"(store, &durability);
    try say(console, "stored {s}", .{if (try durability.get() == 0) "in memory" else "on disk"});

    var opened: Result(Handle) = undefined;
    kv.@"[method]store.open"(store, "fruit", 5, &opened);
    const fruit: Bucket = .{ .handle = try opened.get() };
    defer fruit.drop();
    try fruit.set("apple", "red");
    if (try fruit.get("apple")) |entry| try say(console, "apple is {s}", .{entry.value.slice()});
    const large = try arena.allocator().alloc(u8, 1024 * 1024 + 1);
    fruit.set("melon", large) catch |err| {
        if (failure.kind != .overloaded) return err;
        try say(console, "melon is too large", .{});
    };

    // A bucket of its own: none of its keys are the fruit bucket's.
    const citrus = try fruit.openSub("citrus");
    defer citrus.drop();
    try citrus.set("lemon", "yellow");
    for (try citrus.list()) |entry| try say(console, "citrus holds {s}", .{entry.key.slice()});

    // The bucket is lent: the summarizer can use it until it answers.
    var summary: Text = .of("none");
    var summarizer: Option = undefined;
    grants.@"get-summarizer"(&summarizer);
    if (summarizer.some) {
        defer kv.@"[resource-drop]summarizer"(summarizer.handle);
        var told: Result(Text) = undefined;
        kv.@"[method]summarizer.summarize"(summarizer.handle, fruit.handle, &told);
        summary = try told.get();
    }
    try say(console, "summary {s}", .{summary.slice()});

    const entries = try fruit.list();
    const keys = try arena.allocator().alloc(Text, entries.len);
    for (keys, entries) |*key, entry| key.* = entry.key;
    return .{ .keys = .{ .at = keys.ptr, .len = keys.len }, .changes = 0, .summary = summary };
}

// ---- the resource that the world exports: it has no state, so any number stands for it

const runner = struct {
    extern "[export]demo:kv/app-exports-runner@0.1.0" fn @"[resource-new]runner"(i32) Handle;
};
var answer: Result(Report) = undefined;

export fn @"demo:kv/app-exports-runner@0.1.0#[constructor]runner"() Handle {
    return runner.@"[resource-new]runner"(1);
}

export fn @"demo:kv/app-exports-runner@0.1.0#[method]runner.run"(_: i32) *const Result(Report) {
    if (run()) |report| {
        answer = .{ .failed = false, .value = .{ .ok = report } };
    } else |err| {
        if (err == error.OutOfMemory) @trap();
        answer = .{ .failed = true, .value = .{ .err = failure } };
    }
    return &answer;
}

export fn @"cabi_post_demo:kv/app-exports-runner@0.1.0#[method]runner.run"(_: *const Result(Report)) void {
    _ = arena.reset(.free_all);
}
