// What each language does: arguments, environment, a file, a clock, randomness, an exit code.
const std = @import("std");

pub fn main(init: std.process.Init) !u8 {
    const gpa = init.gpa;
    const io = init.io;
    var buffer: [1024]u8 = undefined;
    var stdout = std.Io.File.stdout().writer(io, &buffer);
    const out = &stdout.interface;

    const args = try init.minimal.args.toSlice(init.arena.allocator());
    try out.writeAll("args");
    for (args[1..]) |arg| try out.print(" {s}", .{arg});
    try out.print("\nenv {s}\n", .{init.environ_map.get("KEY") orelse "none"});

    const folder = std.Io.Dir.cwd();
    const text = try folder.readFileAlloc(io, "in", gpa, .limited(1000));
    defer gpa.free(text);
    try out.print("read {s}\n", .{text});
    var counts: [256]u32 = @splat(0);
    for (text) |c| counts[c] += 1;
    var counted: std.Io.Writer.Allocating = .init(gpa);
    defer counted.deinit();
    for (counts, 0..) |count, c| {
        if (count > 0) try counted.writer.print("{c}{d}", .{ @as(u8, @intCast(c)), count });
    }
    try folder.writeFile(io, .{ .sub_path = "out", .data = counted.written() });

    const now = std.Io.Timestamp.now(io, .real).toNanoseconds();
    try out.print("time {d}\n", .{@intFromBool(now > 50 * 365 * std.time.ns_per_day)});
    var bytes: [16]u8 = @splat(0);
    io.random(&bytes);
    var sum: u32 = 0;
    for (bytes) |byte| sum += byte;
    try out.print("random {d}\n", .{@intFromBool(sum > 0)});
    try out.flush();
    return 7;
}
