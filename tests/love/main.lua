-- Plays examples/love for some frames, takes two screenshots, and looks at them.
--
-- usage: love tests/love SCREENSHOTS DIRECTORY...      SCREENSHOTS: a folder
-- Prints "what was drawn is right" at the end.

local examples = love.filesystem.getSource() .. "/../../examples"
package.path = examples .. "/luajit/?.lua;" .. package.path
dofile(examples .. "/love/main.lua")

local play = { load = love.load, update = love.update, draw = love.draw }
local folder, images, frames = nil, {}, 0

-- Which of the colours that the game draws with a pixel is nearest to.
local function kind(red, green, blue)
    if red + green + blue < 0.6 then return "background" end
    if green > 0.5 and red < 0.6 * green and blue < 0.75 * green then return "point" end
    if red > 0.5 and green < 0.6 * red then return "failed" end
    if blue > 0.6 and red < 0.75 * blue then return "loaded" end
    if red > 0.9 and green > 0.9 and blue > 0.9 then return "title" end
    return "other"
end

local function count(image)
    local found = { map = {} }
    image:mapPixel(function(x, y, red, green, blue, alpha)
        local what = kind(red, green, blue)
        found[what] = (found[what] or 0) + 1
        found.map[y * image:getWidth() + x] = what
        return red, green, blue, alpha
    end)
    return found
end

local function save(image, name)
    local file = assert(io.open(folder .. "/" .. name, "wb"))
    file:write(image:encode("png"):getString())
    file:close()
end

local function look()
    local first, second = count(images[1]), count(images[2])
    for name, found in pairs({ first = first, second = second }) do
        for _, what in ipairs({ "background", "point", "title", "loaded", "failed", "other" }) do
            io.stderr:write(name, " ", what, " ", found[what] or 0, "\n")
        end
        -- 5,000 points of four pixels, of which some overlap, on 576,000.
        assert(found.point > 15000 and found.point <= 20000, "points")
        assert(found.title > 100 and found.loaded > 1000 and found.failed > 50, "text")
        assert(found.background > 400000, "background")
    end
    local same = 0
    for at, what in pairs(first.map) do
        if what == "point" and second.map[at] == "point" then same = same + 1 end
    end
    io.stderr:write("points in the same place ", same, "\n")
    assert(same < first.point / 4, "the points have not moved")
    print("what was drawn is right")
end

function love.load(arguments)
    folder = table.remove(arguments, 1)
    play.load(arguments)
end

-- The same step in each frame, whatever the machine.
function love.update()
    play.update(1 / 10)
end

function love.draw()
    play.draw()
    frames = frames + 1
    if frames == 3 or frames == 13 then
        love.graphics.captureScreenshot(function(image)
            images[#images + 1] = image
            save(image, "love-" .. #images .. ".png")
            if #images == 2 then
                look()
                love.event.quit()
            end
        end)
    end
end
