-- nexus_loader for LuaJIT: a thin layer of Lua over the C functions. Copy it into your program.
--
--   local nexus = require("nexus")
--   local loader = nexus.open("plugins")
--   print(loader:get("crypto"):call("encrypt", "Hello"))
--
-- What fails raises a Lua error: a table with status, message, exception and traceback.

local ffi = require("ffi")

-- The declarations: beside this file, in the source tree, or where `make install` put them.
local function declarations()
    local in_game = love and love.filesystem.read("nexus_loader.cdef") -- also of a .love archive
    if in_game then return in_game end
    local here = debug.getinfo(1, "S").source:match("^@(.*)[/\\]") or "."
    local places = { here, here .. "/../../include", "/usr/local/include", "/usr/include" }
    for _, place in ipairs(places) do
        local file = io.open(place .. "/nexus_loader.cdef")
        if file then
            local text = file:read("*a")
            file:close()
            return text
        end
    end
    error("no nexus_loader.cdef in " .. table.concat(places, ", "))
end

ffi.cdef(declarations())
local C = ffi.load("libnexus_loader.so.1")

local Object, Loader, Memory, Failure = {}, {}, {}, {}
Object.__index, Loader.__index, Memory.__index = Object, Loader, Memory

local STATES = { [0] = "loaded", "lazy", "failed", "skipped", "missing" }

function Failure:__tostring()
    return self.exception == "" and self.message or self.exception .. ": " .. self.message
end

local function check(status, error_out)
    if status == C.NEXUS_OK then return end
    local of = error_out[0]
    local failure = setmetatable({
        status = status,
        message = ffi.string(C.nexus_error_message(of)),
        exception = ffi.string(C.nexus_error_exception(of)),
        traceback = ffi.string(C.nexus_error_traceback(of)),
    }, Failure)
    C.nexus_error_free(of)
    error(failure, 0)
end

local function outputs(handle)
    return ffi.new(handle .. " *[1]"), ffi.new("NexusError *[1]")
end

-- A handle that is freed when Lua has forgotten the object, or by free() at once.
local function owned(class, handle, free)
    return setmetatable({ handle = ffi.gc(handle, free), free_handle = free }, class)
end

local function free(self)
    if self.handle then
        self.free_handle(ffi.gc(self.handle, nil))
        self.handle = nil
    end
end
Object.free, Loader.free = free, free

-- Values -----------------------------------------------------------------------------------------

local EXACT = 2 ^ 53 -- up to here a Lua number is exact

local function set(value, lua)
    local kind = type(lua)
    if kind == "nil" then
        value.kind = C.NEXUS_KIND_NONE
    elseif kind == "boolean" then
        value.kind, value.as.boolean = C.NEXUS_KIND_BOOLEAN, lua
    elseif kind == "number" and lua % 1 == 0 and math.abs(lua) <= EXACT then
        value.kind, value.as.integer = C.NEXUS_KIND_INTEGER, lua
    elseif kind == "number" then
        value.kind, value.as.real = C.NEXUS_KIND_REAL, lua
    elseif kind == "string" then -- lent for the call: `lua` stays alive in the caller
        value.kind, value.as.text.data, value.as.text.size = C.NEXUS_KIND_TEXT, lua, #lua
    elseif kind == "table" and getmetatable(lua) == Object then
        value.kind, value.as.object = C.NEXUS_KIND_OBJECT, lua.handle
    elseif kind == "cdata" and ffi.istype("int64_t", lua) then
        value.kind, value.as.integer = C.NEXUS_KIND_INTEGER, lua
    else
        error("Python has no value for a Lua " .. kind, 0)
    end
end

local function get(value)
    local kind = value.kind
    if kind == C.NEXUS_KIND_OBJECT then
        return owned(Object, value.as.object, C.nexus_object_free)
    end
    local lua
    if kind == C.NEXUS_KIND_BOOLEAN then
        lua = value.as.boolean
    elseif kind == C.NEXUS_KIND_INTEGER then
        lua = value.as.integer
        if math.abs(tonumber(lua)) < EXACT then lua = tonumber(lua) end
    elseif kind == C.NEXUS_KIND_REAL then
        lua = value.as.real
    elseif kind == C.NEXUS_KIND_TEXT or kind == C.NEXUS_KIND_BYTES then
        lua = ffi.string(value.as.text.data, value.as.text.size)
    end
    return lua
end

-- The same for a value that is ours to clear.
local function take(value)
    local lua = get(value)
    if value.kind ~= C.NEXUS_KIND_OBJECT then C.nexus_value_clear(value) end
    return lua
end

local function pack(...)
    local count = select("#", ...)
    local values = ffi.new("NexusValue[?]", math.max(count, 1))
    for index = 1, count do set(values[index - 1], (select(index, ...))) end
    return values, count
end

-- Objects ----------------------------------------------------------------------------------------

function Object:call(name, ...)
    local values, count = pack(...)
    local result, failure = ffi.new("NexusValue"), ffi.new("NexusError *[1]")
    check(C.nexus_object_call_method(self.handle, name, values, count, result, failure), failure)
    return take(result)
end

function Object:__call(...)
    local values, count = pack(...)
    local result, failure = ffi.new("NexusValue"), ffi.new("NexusError *[1]")
    check(C.nexus_object_call(self.handle, values, count, result, failure), failure)
    return take(result)
end

function Object:attr(name)
    local result, failure = ffi.new("NexusValue"), ffi.new("NexusError *[1]")
    check(C.nexus_object_attr(self.handle, name, result, failure), failure)
    return take(result)
end

function Object:__tostring()
    local result, failure = ffi.new("NexusValue"), ffi.new("NexusError *[1]")
    check(C.nexus_object_str(self.handle, result, failure), failure)
    return take(result)
end

-- Loaders ----------------------------------------------------------------------------------------

function Loader:get(name)
    local module, failure = outputs("NexusObject")
    check(C.nexus_loader_get(self.handle, name, module, failure), failure)
    return owned(Object, module[0], C.nexus_object_free)
end

-- A table { name =, state =, message = } for each file and each requested name.
function Loader:report()
    local report, failure = outputs("NexusReport")
    check(C.nexus_loader_report(self.handle, report, failure), failure)
    local list, entry = {}, ffi.new("NexusReportEntry")
    for index = 0, tonumber(C.nexus_report_count(report[0])) - 1 do
        C.nexus_report_at(report[0], index, entry)
        list[#list + 1] = {
            name = ffi.string(entry.name),
            state = STATES[entry.state] or tostring(entry.state),
            message = ffi.string(entry.message),
        }
    end
    C.nexus_report_free(report[0])
    return list
end

-- Memory of this program -------------------------------------------------------------------------

-- A memoryview of it, which Python works on without a copy.
function Memory:view()
    local view, failure = outputs("NexusObject")
    check(C.nexus_memory_view(self.handle, view, failure), failure)
    return owned(Object, view[0], C.nexus_object_free)
end

-- Takes it back from Python; an error while Python has views. Then the memory may go.
function Memory:free()
    local failure = ffi.new("NexusError *[1]")
    check(C.nexus_memory_revoke(self.handle, failure), failure)
    free(self)
end

-- The module -------------------------------------------------------------------------------------

local nexus = { C = C }

-- options: recursive, lazy (booleans) and modules (names or patterns).
function nexus.open(directory, options)
    options = options or {}
    local names = options.modules
    local modules = names and ffi.new("const char *[?]", math.max(#names, 1), names)
    local c_options = ffi.new("NexusLoaderOptions")
    c_options.struct_size = ffi.sizeof(c_options)
    c_options.flags = (options.recursive and C.NEXUS_LOADER_RECURSIVE or 0) + (options.lazy and C.NEXUS_LOADER_LAZY or 0)
    c_options.modules, c_options.module_count = modules, names and #names or 0
    local loader, failure = outputs("NexusLoader")
    check(C.nexus_loader_open(directory, c_options, loader, failure), failure)
    return owned(Loader, loader[0], C.nexus_loader_free)
end

function nexus.import(name)
    local module, failure = outputs("NexusObject")
    check(C.nexus_import(name, module, failure), failure)
    return owned(Object, module[0], C.nexus_object_free)
end

-- A Python list.
function nexus.list(...)
    local values, count = pack(...)
    local list, failure = outputs("NexusObject")
    check(C.nexus_list_new(values, count, list, failure), failure)
    return owned(Object, list[0], C.nexus_object_free)
end

function nexus.python_version()
    local info, failure = ffi.new("NexusPythonInfo"), ffi.new("NexusError *[1]")
    info.struct_size = ffi.sizeof(info)
    check(C.nexus_python_start(nil, failure), failure)
    check(C.nexus_python_info(info, failure), failure)
    return ffi.string(info.version_text)
end

-- Memory that Python may work on: a pointer, the items' format as in Python's `struct` module, and how many
-- there are in each dimension. Keep what this gives until nothing in Python uses the memory, then free() it.
function nexus.memory(pointer, format, ...)
    local dimensions = select("#", ...)
    local shape = ffi.new("ptrdiff_t[?]", dimensions, { ... })
    local layout = ffi.new("NexusMemoryLayout")
    local items = 1
    for _, extent in ipairs({ ... }) do items = items * extent end
    local sizes = { b = 1, B = 1, h = 2, H = 2, i = 4, I = 4, q = 8, Q = 8, f = 4, d = 8 }
    layout.struct_size = ffi.sizeof(layout)
    layout.data, layout.size, layout.item_size = pointer, items * sizes[format], sizes[format]
    layout.format, layout.ndim, layout.shape = format, dimensions, shape
    local memory, failure = outputs("NexusMemory")
    check(C.nexus_memory_new(layout, nil, nil, memory, failure), failure)
    local made = owned(Memory, memory[0], C.nexus_memory_free)
    made.pointer = pointer -- lives as long
    return made
end

-- A Python callable of a Lua function. LuaJIT keeps a callback until the program ends, and takes calls on
-- the thread that runs Lua alone: do not give it to Python code that calls it from another thread.
function nexus.callable(name, lua_function)
    -- Compiled code must not call what calls back (LuaJIT's manual, "Callback resource handling").
    jit.off(Object.call)
    jit.off(Object.__call)
    jit.flush()
    local function body(arguments, result)
        local given = {}
        local count = tonumber(arguments.count)
        for index = 1, count do
            local value = arguments.values[index - 1]
            if value.kind == C.NEXUS_KIND_OBJECT then -- lent: a handle of our own
                local copy, failure = outputs("NexusObject")
                check(C.nexus_object_clone(value.as.object, copy, failure), failure)
                given[index] = owned(Object, copy[0], C.nexus_object_free)
            else
                given[index] = get(value)
            end
        end
        set(result[0], (lua_function(unpack(given, 1, count))))
        if result[0].kind >= C.NEXUS_KIND_TEXT then -- handed over as an object, which needs no memory of ours
            local object, failure = outputs("NexusObject")
            check(C.nexus_object_new(result, object, failure), failure)
            result[0].kind, result[0].as.object = C.NEXUS_KIND_OBJECT, object[0]
        end
    end
    local callback = ffi.cast("NexusFunction", function(arguments, result, failure)
        local fine, raised = pcall(body, arguments, result) -- a Lua error must not cross C
        if fine then return C.NEXUS_OK end
        return C.nexus_error_raise("builtins.RuntimeError", tostring(raised), failure)
    end)
    local callable, failure = outputs("NexusObject")
    check(C.nexus_function_new(name, nil, 0, callback, nil, nil, callable, failure), failure)
    return owned(Object, callable[0], C.nexus_object_free)
end

return nexus
