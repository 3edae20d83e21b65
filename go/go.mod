module nexus_loader/nexus

go 1.24
