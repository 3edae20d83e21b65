-- Opens directories of Python's extension modules, shows what became of each, and lets numpy move points.
--
-- usage: love examples/love DIRECTORY...

-- The layer over the C functions: beside this file, or in the examples' own folder.
local source = love.filesystem.getSource()
package.path = source .. "/?.lua;" .. source .. "/../luajit/?.lua;" .. package.path
local nexus = require("nexus")

local COUNT = 5000
local COLOURS = { loaded = { 0.55, 0.8, 1 }, failed = { 1, 0.45, 0.4 } }

local lines = {}   -- of the report: { text, colour }
local points = {}  -- the memory, its mesh, and numpy's arrays

-- An error would otherwise wait for a key.
function love.errorhandler(message)
    io.stderr:write(debug.traceback(tostring(message), 2), "\n")
    return function() return 1 end
end

local function report(directory)
    local loader = nexus.open(directory, { recursive = true })
    for _, entry in ipairs(loader:report()) do
        local text = entry.name .. ": " .. entry.state
        if entry.state == "failed" then text = text .. ", " .. entry.message:gsub("\n.*", "") end
        lines[#lines + 1] = { text, COLOURS[entry.state] or { 0.6, 0.6, 0.6 } }
    end
    return loader
end

-- Memory of LÖVE's that numpy writes and the graphics card is given: two floats for each point.
local function make_points(width, height)
    local numpy = nexus.import("numpy")
    local data = love.data.newByteData(COUNT * 2 * 4)
    local memory = nexus.memory(data:getFFIPointer(), "f", COUNT, 2)
    local random = numpy:attr("random"):call("default_rng", 7)

    points.data, points.memory, points.numpy = data, memory, numpy
    points.position = numpy:call("asarray", memory:view())
    points.size = numpy:call("array", nexus.list(width, height), "f")
    points.velocity = random:call("normal", 0, 60, nexus.list(COUNT, 2)):call("astype", "f")
    points.step = numpy:call("empty_like", points.velocity)
    local start = random:call("random", nexus.list(COUNT, 2)):call("astype", "f")
    numpy:call("multiply", start, points.size, points.position)
    points.mesh = love.graphics.newMesh({ { "VertexPosition", "float", 2 } }, COUNT, "points", "stream")
end

function love.load(arguments)
    for _, directory in ipairs(arguments) do points[#points + 1] = report(directory) end
    make_points(love.graphics.getDimensions())
end

-- Three calls a frame, for any number of points. What leaves at one border comes in at the other.
function love.update(seconds)
    local numpy = points.numpy
    numpy:call("multiply", points.velocity, seconds, points.step):free() -- the result: the last argument once more
    numpy:call("add", points.position, points.step, points.position):free()
    numpy:call("mod", points.position, points.size, points.position):free()
    points.mesh:setVertices(points.data)
end

function love.draw()
    love.graphics.setBackgroundColor(0.06, 0.07, 0.1)
    love.graphics.setColor(0.3, 0.9, 0.5)
    love.graphics.setPointSize(2)
    love.graphics.draw(points.mesh)

    local columns, rows = 2, math.floor((love.graphics.getHeight() - 60) / 16)
    love.graphics.setColor(1, 1, 1)
    love.graphics.print(("Python %s, %d entries, %d points, %d frames/s"):format(
        nexus.python_version():match("%S+"), #lines, COUNT, love.timer.getFPS()), 20, 16)
    for index = 1, math.min(#lines, columns * rows) do
        local column, row = math.floor((index - 1) / rows), (index - 1) % rows
        love.graphics.setColor(lines[index][2])
        love.graphics.print(lines[index][1], 20 + column * love.graphics.getWidth() / columns, 44 + row * 16)
    end
end

-- The memory is numpy's as long as there are views of it: they go first.
function love.quit()
    points.position:free()
    collectgarbage()
    points.memory:free()
end
