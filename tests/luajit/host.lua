-- A host that is neither C nor Python: LuaJIT, through its foreign function interface.
-- Run with --list, or with the name of a case.

local ffi = require("ffi")

ffi.cdef(assert(io.open(os.getenv("NEXUS_TEST_INCLUDE") .. "/nexus_loader.cdef")):read("*a"))

local nexus

local function check(status, error)
    if status == 0 then return end
    local text = ffi.string(nexus.nexus_status_string(status)) .. ": " .. ffi.string(nexus.nexus_error_message(error[0]))
    nexus.nexus_error_free(error[0])
    _G.error(text, 2)
end

local function open(directory)
    local loader, error = ffi.new("NexusLoader *[1]"), ffi.new("NexusError *[1]")
    check(nexus.nexus_loader_new(os.getenv("NEXUS_FIXTURES") .. "/" .. directory, nil, 0, loader, error), error)
    return loader[0]
end

local function get(loader, name)
    local module, error = ffi.new("NexusObject *[1]"), ffi.new("NexusError *[1]")
    check(nexus.nexus_loader_get(loader, name, module, error), error)
    return module[0]
end

local function call(module, method, ...)
    local count = select("#", ...)
    local args, result, error = ffi.new("NexusValue[?]", math.max(count, 1)), ffi.new("NexusValue"), ffi.new("NexusError *[1]")
    for index = 1, count do
        local argument, value = select(index, ...), args[index - 1]
        if type(argument) == "string" then
            value.kind, value.as.text.data, value.as.text.size = nexus.NEXUS_KIND_TEXT, argument, #argument
        else
            value.kind, value.as.integer = nexus.NEXUS_KIND_INTEGER, argument
        end
    end
    check(nexus.nexus_object_call_method(module, method, args, count, result, error), error)
    local lua
    if result.kind == nexus.NEXUS_KIND_INTEGER then
        lua = tonumber(result.as.integer)
    elseif result.kind == nexus.NEXUS_KIND_TEXT then
        lua = ffi.string(result.as.text.data, result.as.text.size)
    end
    nexus.nexus_value_clear(result)
    return lua
end

local cases = {}

function cases.complete_example()
    local loader = open("documented")
    local crypto, network = get(loader, "crypto"), get(loader, "network")
    assert(call(crypto, "decrypt", call(crypto, "encrypt", "Hello, größe!")) == "Hello, größe!")
    call(network, "connect", "192.168.1.1", 8080)
    assert(call(network, "get_status") == "connected to 192.168.1.1:8080")
    nexus.nexus_object_free(crypto)
    nexus.nexus_object_free(network)
    nexus.nexus_loader_free(loader)
end

function cases.list_and_contains()
    local loader = open("documented")
    local names, error = ffi.new("NexusNames *[1]"), ffi.new("NexusError *[1]")
    check(nexus.nexus_loader_list(loader, names, error), error)
    assert(nexus.nexus_names_count(names[0]) == 3)
    assert(ffi.string(nexus.nexus_names_at(names[0], 0)) == "crypto")
    nexus.nexus_names_free(names[0])
    assert(nexus.nexus_loader_contains(loader, "crypto"))
    assert(not nexus.nexus_loader_contains(loader, "absent"))
end

function cases.errors()
    local loader = open("values")
    local fine, text = pcall(get, loader, "absent")
    assert(not fine and text:find("Module 'absent' not loaded. Available modules: ['values']", 1, true), text)
    fine, text = pcall(call, get(loader, "values"), "raise_value_error", "on purpose")
    assert(not fine and text:find("on purpose", 1, true), text)
end

-- The trace compiler calls in its own way: with many arguments in registers, from machine code.
function cases.compiled_loop()
    local values, sum = get(open("values"), "values"), 0
    for number = 1, 20000 do sum = sum + call(values, "add", number, 1) end
    assert(sum == 20000 * 20001 / 2 + 20000)
end

local wanted = arg[1]
if wanted == "--list" then
    for name in pairs(cases) do print(name) end
    return
end
nexus = ffi.load(os.getenv("NEXUS_TEST_LIBRARIES") .. "/libnexus_loader.so")
assert(cases[wanted], "no such case")()
