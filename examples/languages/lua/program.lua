-- What each language does: arguments, environment, a file, a clock, randomness, an exit code.
print(table.concat({ "args", table.unpack(arg) }, " "))
print("env " .. (os.getenv("KEY") or "none"))

local input = assert(io.open("in"))
local text = input:read("a")
input:close()
print("read " .. text)
local counts, keys = {}, {}
for c in text:gmatch(".") do
  if not counts[c] then keys[#keys + 1] = c end
  counts[c] = (counts[c] or 0) + 1
end
table.sort(keys)
local output = assert(io.open("out", "w"))
for _, c in ipairs(keys) do output:write(c, counts[c]) end
output:close()

print("time " .. (os.time() > 50 * 365 * 86400 and os.clock() >= 0 and 1 or 0))
print("random " .. (math.random(1 << 40) ~= math.random(1 << 40) and 1 or 0))
os.exit(7, true)
