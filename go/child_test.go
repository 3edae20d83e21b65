package nexus_test

import "os"

func runChild(name string) { os.Exit(3) }
