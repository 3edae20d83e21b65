package nexus_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"sync"
	"time"

	"nexus_loader/nexus"
)

// directory is a folder with the compiled modules crypto, network and database.
var directory = documented

func Example() {
	loader, err := nexus.Open(directory)
	if err != nil {
		log.Fatal(err)
	}
	defer loader.Close()
	crypto, err := loader.Get("crypto")
	if err != nil {
		log.Fatal(err)
	}
	defer crypto.Close()
	text, err := nexus.Call[string](crypto, "encrypt", "Hello")
	fmt.Println(text, err)
	// Output: 2a24600860 <nil>
}

func ExampleOpen() {
	loader, err := nexus.Open(directory,
		nexus.Modules("crypto", "net*"),
		nexus.Filter(func(name, path string) bool { return name != "network" }),
		nexus.OnProgress(func(p nexus.Progress) bool {
			fmt.Printf("%d of %d: %s %v\n", p.Index+1, p.Total, p.Name, p.State)
			return true
		}))
	if err != nil {
		log.Fatal(err)
	}
	defer loader.Close()
	fmt.Println(loader.Names())
	// Output:
	// 1 of 2: crypto loaded
	// 2 of 2: network skipped
	// [crypto]
}

func ExampleLoader_All() {
	loader, err := nexus.Open(directory)
	if err != nil {
		log.Fatal(err)
	}
	defer loader.Close()
	for module, err := range loader.All() {
		if err != nil {
			log.Fatal(err)
		}
		callable, err := module.HasAttr("cleanup")
		fmt.Println(module.Name(), callable, err)
		module.Close()
	}
	// Output:
	// crypto false <nil>
	// database true <nil>
	// network true <nil>
}

func ExampleCall() {
	math, err := nexus.Import("math")
	if err != nil {
		log.Fatal(err)
	}
	product, err := nexus.Call[int](math, "prod", []int{2, 3, 4}, nexus.Kw("start", 10))
	fmt.Println(product, err)
	_, err = nexus.Call[int8](math, "factorial", 6)
	fmt.Println(err, errors.Is(err, nexus.ErrOverflow))
	// Output:
	// 240 <nil>
	// 720 does not fit into int8 true
}

func ExampleObject_CallContext() {
	// Ctrl-C ends the call, and not the program.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	builtins, err := nexus.Import("builtins")
	if err != nil {
		log.Fatal(err)
	}
	_, err = builtins.CallContext(ctx, "exec", "while True: pass", map[string]any{})
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}

func ExamplePythonError() {
	json, err := nexus.Import("json")
	if err != nil {
		log.Fatal(err)
	}
	_, err = json.Call("loads", "{")
	var raised *nexus.PythonError
	switch {
	case errors.Is(err, nexus.Exception("json.decoder.JSONDecodeError")) && errors.As(err, &raised):
		fmt.Println(raised.Type)
	case err != nil:
		log.Fatal(err)
	}
	// Output: json.decoder.JSONDecodeError
}

func ExampleFunc() {
	area, err := nexus.Func("area", func(width, height float64) (float64, error) {
		if width < 0 {
			return 0, nexus.Raise("ValueError", "a negative width")
		}
		return width * height, nil
	})
	if err != nil {
		log.Fatal(err)
	}
	defer area.Close()
	fmt.Println(area.Invoke(3, 2))
	_, err = area.Invoke(-1, 2)
	fmt.Println(err)
	// Output:
	// 6 <nil>
	// ValueError: a negative width
}

func ExampleItems() {
	squares, err := nexus.New(map[string]int{"one": 1})
	if err != nil {
		log.Fatal(err)
	}
	defer squares.Close()
	for name, err := range nexus.Items[string](squares) {
		fmt.Println(name, err)
	}
	// Output: one <nil>
}

func ExampleEdit() {
	builtins, err := nexus.Import("builtins")
	if err != nil {
		log.Fatal(err)
	}
	letters, err := nexus.Call[*nexus.Object](builtins, "bytearray", []byte("abc"))
	if err != nil {
		log.Fatal(err)
	}
	defer letters.Close()
	buffer, err := nexus.Edit[byte](letters)
	if err != nil {
		log.Fatal(err)
	}
	buffer.Slice()[0] = 'A'
	buffer.Close()
	fmt.Println(letters)
	// Output: bytearray(b'Abc')
}

func ExampleShare() {
	samples := []int32{1, 2, 3, 4}
	memory, err := nexus.Share(samples, 2, 2)
	if err != nil {
		log.Fatal(err)
	}
	defer memory.Close()
	builtins, err := nexus.Import("builtins")
	if err != nil {
		log.Fatal(err)
	}
	view, err := nexus.Call[*nexus.Object](builtins, "memoryview", memory) // or numpy.asarray
	if err != nil {
		log.Fatal(err)
	}
	defer view.Close()
	if err := view.SetItem(nexus.Tuple{1, 1}, 40); err != nil {
		log.Fatal(err)
	}
	fmt.Println(samples)
	// Output: [1 2 3 40]
}

func ExampleSetMaxCalls() {
	nexus.SetMaxCalls(8) // no more than eight threads wait inside Python
	defer nexus.SetMaxCalls(nexus.DefaultMaxCalls)
	clock, err := nexus.Import("time")
	if err != nil {
		log.Fatal(err)
	}
	var all sync.WaitGroup
	for range 100 {
		all.Add(1)
		go func() {
			defer all.Done()
			if _, err := clock.Call("sleep", 0.001); err != nil {
				log.Print(err)
			}
		}()
	}
	all.Wait()
	// Output:
}
