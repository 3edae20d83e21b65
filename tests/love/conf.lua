dofile(love.filesystem.getSource() .. "/../../examples/love/conf.lua")
