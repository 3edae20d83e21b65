module complete

go 1.24

require nexus_loader/nexus v0.0.0

replace nexus_loader/nexus => ../../go
