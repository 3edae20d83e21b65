function love.conf(t)
    t.identity = "nexus_loader_example"
    t.version = "11.4"
    t.window.title = "nexus_loader in LÖVE"
    t.window.width, t.window.height = 960, 600
    t.modules.audio, t.modules.sound, t.modules.video = false, false, false
    t.modules.joystick, t.modules.physics, t.modules.touch = false, false, false
end
