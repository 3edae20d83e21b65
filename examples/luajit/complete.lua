-- Opens a directory of modules and uses them, numpy among them.
--
-- usage: luajit complete.lua DIRECTORY SITE_PACKAGES

local ffi = require("ffi")
package.path = (arg[0]:match("^(.*)/") or ".") .. "/?.lua;" .. package.path
local nexus = require("nexus")

print("Python " .. nexus.python_version():match("%S+"))

-- Every file of the directory, and what became of it.
local loader = nexus.open(arg[1])
for _, entry in ipairs(loader:report()) do
    print(entry.name .. ": " .. entry.state .. (entry.message == "" and "" or ": ") .. entry.message)
end

-- A call.
local crypto = loader:get("crypto")
local text = crypto:call("encrypt", "Hello")
print("encrypt: " .. text .. ", decrypt: " .. crypto:call("decrypt", text))

-- An exception.
local json = nexus.import("json")
local fine, failure = pcall(json.call, json, "loads", "{")
assert(not fine)
print(failure)
io.write((failure.traceback:gsub("[^\n]+", "  | %0")))

-- Python calls a function of this program, and gets its error.
local numbers = json:call("loads", "[1, 2, 3, 4, 5]")
local add = nexus.callable("add", function(a, b) return a + b end)
local functools = nexus.import("functools")
print("reduce: " .. functools:call("reduce", add, numbers))
local refuse = nexus.callable("refuse", function() error("not today", 0) end)
fine, failure = pcall(functools.call, functools, "reduce", refuse, numbers)
assert(not fine)
print(failure)

-- A real package: numpy works on memory of this program, without a copy.
local packages = nexus.open(arg[2], { recursive = true, modules = { "numpy.*", "orjson.*" } })
local orjson, numpy = packages:get("orjson"), nexus.import("numpy")
print("orjson: " .. orjson:call("dumps", numbers))
local memory = ffi.new("double[1000]")
for index = 0, 999 do memory[index] = index + 1 end
local shared = nexus.memory(memory, "d", 1000)
local view = shared:view()
local array = numpy:call("asarray", view)
numpy:call("multiply", array, 2, array):free() -- the result is the array once more
print("doubled: " .. memory[0] .. " to " .. memory[999])
array:free()
view:free()
shared:free()

-- Coroutines share the one thread of Lua.
local workers = {}
for worker = 1, 4 do
    workers[worker] = coroutine.wrap(function()
        for _ = 1, 1000 do
            assert(crypto:call("encrypt", "Hello") == text)
            coroutine.yield()
        end
    end)
end
for _ = 1, 1000 do
    for _, resume in ipairs(workers) do resume() end
end
print("calls: 4000")

-- Handles go when Lua forgets them; free() does it at once. A freed one is an error, no crash.
local handle = loader.handle
loader:free()
local status = nexus.C.nexus_loader_get(handle, "crypto", ffi.new("NexusObject *[1]"), nil)
print("freed: " .. ffi.string(nexus.C.nexus_status_string(status)))
