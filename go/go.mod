module nexus

go 1.24
