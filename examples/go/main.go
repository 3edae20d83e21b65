// The "Complete Example" of the Python class NexusLoader, in Go: the same steps, the same lines of output.
//
//	complete [DIRECTORY]
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"nexus_loader/nexus"
)

var required = []string{"crypto", "network", "database"}

func main() {
	directory := "/opt/myapp/modules"
	if len(os.Args) > 1 {
		directory = os.Args[1]
	}
	fmt.Println("Loading modules from:", directory)
	err := use(directory)
	switch {
	case err == nil:
		return
	case errors.Is(err, nexus.ErrNotFound), errors.Is(err, nexus.ErrNotADirectory), errors.Is(err, nexus.ErrNoModules):
		fmt.Fprintln(os.Stderr, "✗ Error:", err)
	case errors.Is(err, nexus.ErrNotLoaded): // KeyError in Python
		fmt.Fprintln(os.Stderr, "✗ Module error:", err)
	default:
		fmt.Fprintln(os.Stderr, "✗ Unexpected error:", err)
	}
	os.Exit(1)
}

func use(directory string) error {
	loader, err := nexus.Open(directory, nexus.Modules(required...))
	if err != nil {
		return err
	}
	defer loader.Close()
	fmt.Printf("\n✓ Successfully loaded %d modules:\n", loader.Len())
	for _, name := range loader.Names() {
		fmt.Println("  -", name)
	}
	var missing []string
	for _, name := range required {
		if !loader.Contains(name) {
			missing = append(missing, "'"+name+"'")
		}
	}
	if missing != nil {
		fmt.Printf("\n⚠ Warning: Missing modules: {%s}\n", strings.Join(missing, ", "))
	}
	for module, err := range loader.All() {
		if err == nil {
			err = useModule(module)
			module.Close()
		}
		if err != nil {
			return err
		}
	}
	fmt.Printf("\n%v\n", loader)
	return nil
}

func useModule(module *nexus.Module) error {
	switch module.Name() {
	case "crypto":
		fmt.Println("\n--- Using Crypto Module ---")
		encrypted, err := nexus.Call[string](module, "encrypt", "Hello, World!")
		if err != nil {
			return err
		}
		fmt.Println("Encrypted data:", encrypted)
		decrypted, err := nexus.Call[string](module, "decrypt", encrypted)
		if err != nil {
			return err
		}
		fmt.Println("Decrypted data:", decrypted)
	case "network":
		fmt.Println("\n--- Using Network Module ---")
		if _, err := module.Call("connect", "192.168.1.1", nexus.Kw("port", 8080)); err != nil {
			return err
		}
		status, err := module.Call("get_status")
		if err != nil {
			return err
		}
		fmt.Println("Connection status:", status)
	case "database":
		fmt.Println("\n--- Using Database Module ---")
		if _, err := module.Call("connect", "localhost", 5432, "mydb"); err != nil {
			return err
		}
		rows, err := module.Call("query", "SELECT * FROM users LIMIT 5")
		if err != nil {
			return err
		}
		fmt.Println("Query result:", rows)
	}
	return nil
}
