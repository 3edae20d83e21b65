-- Whether LuaJIT understands the declaration file as the lines on stdin say, which are cffi's: see agrees.py.
--
-- usage: luajit agrees.lua DECLARATIONS LIBRARY

local ffi = require("ffi")
ffi.cdef(assert(io.open(arg[1])):read("*a"))
local library = ffi.load(arg[2])

local seen = 0
for line in io.lines() do
    local words = {}
    for word in line:gmatch("%S+") do words[#words + 1] = word end
    local what, name = words[1], words[2]
    if what == "constant" then
        assert(library[name] == tonumber(words[3]), line)
        assert(type(library[name]) == "number", line)
    elseif what == "size" then
        assert(ffi.sizeof(name) == tonumber(words[3]), line)
    elseif what == "offset" then
        assert(ffi.offsetof(name, words[3]) == tonumber(words[4]), line)
    elseif what == "function" then
        assert(library[name] ~= nil, line)
    else
        error(line)
    end
    seen = seen + 1
end
assert(seen > 400, seen)
