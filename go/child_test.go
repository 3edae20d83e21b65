package nexus_test

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"

	"nexus_loader/nexus"
)

// children are what process_test.go runs in processes of their own.
var children = map[string]func(){
	"nil pointer": func() {
		load("crypto")
		recoversEverywhere()
	},
	"faulthandler": func() {
		load("crypto")
		run("import faulthandler, sys\nfaulthandler.enable(file=sys.stderr, all_threads=True)\nassert faulthandler.is_enabled()")
		recoversEverywhere()
		run("import faulthandler, tempfile\nf = tempfile.TemporaryFile()\nfaulthandler.dump_traceback(f)\nf.seek(0)\nassert b'File' in f.read()")
		run("import faulthandler\nfaulthandler.disable()\nfaulthandler.enable()")
		recoversEverywhere()
		run("from faulthandler import enable, disable\ndisable()\nenable()\ndisable()")
		recoversEverywhere()
	},
	"notify": func() {
		load("crypto")
		run("import signal, asyncio, subprocess, faulthandler\nfaulthandler.enable()")
		received := make(chan os.Signal, 10)
		signal.Notify(received, os.Interrupt, syscall.SIGTERM)
		// Also while Python code runs, which goes on.
		for _, of := range []os.Signal{os.Interrupt, syscall.SIGTERM, os.Interrupt} {
			ended := make(chan int)
			begun := make(chan struct{})
			var once sync.Once
			go func() {
				ended <- check(nexus.Invoke[int](made("def f(tell):\n    n = 0\n    for i in range(2000):\n        n += 1\n        tell()\n    return n"), func() {
					once.Do(func() { close(begun) })
				}))
			}()
			<-begun
			kill(of)
			same(<-received, of)
			same(<-ended, 2000)
		}
		signal.Reset()
	},
	"signals of Python": func() {
		load("crypto")
		// The main thread of Python is none that a goroutine could run on.
		run("import signal\ntry: signal.signal(signal.SIGINT, print)\nexcept ValueError: pass\nelse: assert False")
		run("import asyncio\nasync def f(): return 1\nassert asyncio.run(f()) == 1")
		received := make(chan os.Signal, 1)
		signal.Notify(received, os.Interrupt)
		kill(os.Interrupt)
		same(<-received, os.Interrupt)
	},
	"interrupted": func() {
		load("crypto")
		run("import signal, asyncio, faulthandler")
		kill(os.Interrupt)
		time.Sleep(time.Minute)
	},
	"crash": func() {
		load("crypto")
		run("import faulthandler\nfaulthandler.enable()")
		run("import ctypes\nctypes.string_at(0)")
	},
	"profile": func() {
		values := load("values")
		f := made("def f(tell): return tell(sum(range(2000)))")
		if err := pprof.StartCPUProfile(io.Discard); err != nil {
			panic(err)
		}
		var group group
		until := time.Now().Add(300 * time.Millisecond)
		for range 4 {
			group.Go(func() {
				for time.Now().Before(until) {
					same(check(nexus.Call[int](values, "add", 1, 2)), 3)
					same(check(nexus.Invoke[int](f, func(n int) int { return n })), 1999000)
				}
			})
		}
		group.Wait()
		pprof.StopCPUProfile()
	},
	"subprocess": func() {
		load("crypto")
		run("import subprocess, sys\nassert subprocess.run([sys.executable, '-c', 'print(6 * 7)'], stdout=subprocess.PIPE).stdout == b'42\\n'")
	},
	"start at once": func() {
		var group group
		for range 50 {
			group.Go(func() {
				loader := check(nexus.Open(documented))
				same(check(nexus.Call[string](check(loader.Get("crypto")), "encrypt", "Hello")), "2a24600860")
			})
		}
		group.Wait()
	},
	"end": func() {
		values := load("values")
		forever := made("def f():\n    while True: pass")
		for range 4 {
			go forever.Invoke()
			go values.Call("sleep_without_gil", 60000)
		}
		same(check(nexus.Call[int](values, "add", 1, 2)), 3)
	},
	"locked threads": func() {
		values := load("values")
		var group group
		for range 100 {
			group.Go(func() {
				// Never unlocked: the thread ends with the goroutine, and Python's state of it, too.
				runtime.LockOSThread()
				same(check(nexus.Call[int](values, "add", 1, 2)), 3)
			})
		}
		group.Wait()
		same(check(nexus.Call[int](values, "add", 1, 2)), 3)
	},
}

func runChild(name string) {
	function, found := children[name]
	if !found {
		panic(name)
	}
	function()
	fmt.Println("done")
	os.Exit(0)
}

func check[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func same[T comparable](got, want T) {
	if got != want {
		panic(fmt.Sprint("got ", got, ", want ", want))
	}
}

func load(name string) *nexus.Module {
	folder := documented
	if name == "values" {
		folder = filepath.Join(modules, name)
	}
	return check(check(nexus.Open(folder)).Get(name))
}

func run(source string) *nexus.Object {
	names := check(nexus.New(map[string]any{}))
	check(check(nexus.Import("builtins")).Call("exec", source, names))
	return names
}

func made(source string) *nexus.Object {
	return check(nexus.Item[*nexus.Object](run(source), "f"))
}

func kill(of os.Signal) {
	if err := syscall.Kill(os.Getpid(), of.(syscall.Signal)); err != nil {
		panic(err)
	}
}

// recoversEverywhere wants nil pointers to be errors that can be recovered from: in goroutines, and in Go
// functions that Python calls.
func recoversEverywhere() {
	dereference := func() (text string) {
		defer func() { text = fmt.Sprint(recover()) }()
		var pointer *struct{ number int }
		pointer.number++
		return ""
	}
	const want = "runtime error: invalid memory address or nil pointer dereference"
	var group group
	for range 20 {
		group.Go(func() {
			same(dereference(), want)
			same(check(nexus.Invoke[string](made("def f(host): return host()"), dereference)), want)
			_, err := made("def f(host): return host()").Invoke(func() int { return *(*int)(nil) })
			same(strings.Contains(err.Error(), want), true)
		})
	}
	group.Wait()
	same(dereference(), want)
}
