// What each language does: arguments, environment, a file, a clock, randomness, an exit code.
using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;

Console.WriteLine(string.Join(' ', args.Prepend("args")));
Console.WriteLine($"env {Environment.GetEnvironmentVariable("KEY") ?? "none"}");

string text;
try
{
    text = File.ReadAllText("/in");
    var counts = text.GroupBy(c => c).OrderBy(same => same.Key).Select(same => $"{same.Key}{same.Count()}");
    File.WriteAllText("/out", string.Concat(counts));
}
catch (Exception error) when (error is IOException or UnauthorizedAccessException)
{
    Console.WriteLine(error.Message);
    return 1;
}
Console.WriteLine($"read {text}");

var started = Stopwatch.StartNew();
Thread.Sleep(1);
Console.WriteLine($"time {(DateTime.UtcNow.Year > 2020 && started.ElapsedMilliseconds >= 1 ? 1 : 0)}");
Console.WriteLine($"random {(RandomNumberGenerator.GetBytes(16).Any(each => each != 0) ? 1 : 0)}");
return 7;
