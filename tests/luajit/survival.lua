-- LuaJIT with Python inside: values, functions in both directions, coroutines, and its collector.
-- Prints "still Lua" at the end.
--
-- usage: luajit survival.lua DIRECTORY

local ffi = require("ffi")
package.path = arg[0]:match("^(.*)/") .. "/../../examples/luajit/?.lua;" .. package.path
local nexus = require("nexus")

local crypto = nexus.open(arg[1]):get("crypto")
local copy, operator, json = nexus.import("copy"), nexus.import("operator"), nexus.import("json")

-- Before there is a callable, calls are compiled; all that is dropped on the way is collected.
for number = 1, 20000 do
    assert(copy:call("copy", number) == number)
    nexus.import("json")
end

for _, value in ipairs({ true, false, 0, -1, 2 ^ 52, 0.5, "größe\0🐍", "" }) do
    assert(copy:call("copy", value) == value)
end
assert(copy:call("copy", nil) == nil)
assert(copy:call("copy", -9223372036854775807LL - 1) == -9223372036854775807LL - 1)
assert(ffi.istype("int64_t", copy:call("copy", 9223372036854775807LL)))
local fine, failure = pcall(copy.call, copy, "copy", function() end)
assert(not fine and failure:find("function"), failure)
fine, failure = pcall(copy.call, copy, "absent")
assert(failure.status == nexus.C.NEXUS_ERR_EXCEPTION and failure.exception == "builtins.AttributeError")

-- What a function gets and gives, in both directions and nested.
local join = nexus.callable("join", function(a, b) return a .. b end)
local words = json:call("loads", '["grö", "ße"]')
assert(nexus.import("functools"):call("reduce", join, words) == "größe")
local same = nexus.callable("same", function(...) return ... end)
assert(tostring(operator:call("call", same, words)) == "['grö', 'ße']")
assert(operator:call("call", same, nil) == nil)
local nested
nested = nexus.callable("nested", function(depth)
    return depth == 0 and "end" or operator:call("call", nested, depth - 1)
end)
assert(operator:call("call", nested, 20) == "end")
-- A Python error in a function that Python called passes through both.
local passing = nexus.callable("passing", function() return json:call("loads", "{") end)
fine, failure = pcall(operator.call, operator, "call", passing)
assert(not fine and failure.exception == "builtins.RuntimeError" and failure.message:find("JSONDecodeError"))
-- From a coroutine, often enough to be compiled.
local resume = coroutine.wrap(function()
    for number = 1, 5000 do
        assert(operator:call("call", same, number) == number)
        coroutine.yield(true)
    end
end)
for _ = 1, 5000 do resume() end

crypto, words = nil, nil
collectgarbage()
print("still Lua")
