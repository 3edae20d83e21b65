package nexus_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nexus_loader/nexus"
)

func TestLoader(t *testing.T) {
	loader := open(t)
	equal(t, strings.Join(loader.Names(), " "), "crypto database network")
	equal(t, loader.Len(), 3)
	equal(t, loader.Path(), documented)
	equal(t, loader.Contains("crypto"), true)
	equal(t, loader.Contains("absent"), false)
	equal(t, loader.Contains("a\x00b"), false)
	equal(t, loader.Requested() == nil, true)
	equal(t, loader.String(), fmt.Sprintf("NexusLoader(bin_path='%s', loaded=3 modules)", documented))
	var names []string
	for module, err := range loader.All() {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, module.Name())
		module.Close()
	}
	equal(t, strings.Join(names, " "), "crypto database network")
	crypto := must(loader.Get("crypto"))(t)
	again := must(loader.Get("crypto"))(t)
	equal(t, must(crypto.Is(again))(t), true)
	text := must(nexus.Call[string](crypto, "encrypt", "Hello, World!"))(t)
	equal(t, must(nexus.Call[string](crypto, "decrypt", text))(t), "Hello, World!")
}

func TestOpenOptions(t *testing.T) {
	var asked []string
	var seen []nexus.Progress
	loader := open(t, nexus.Modules("crypto", "net*", "absent"),
		nexus.Filter(func(name, path string) bool {
			asked = append(asked, name+" "+filepath.Base(path))
			return name != "network"
		}),
		nexus.OnProgress(func(p nexus.Progress) bool {
			seen = append(seen, p)
			return true
		}))
	equal(t, strings.Join(loader.Requested(), " "), "crypto net* absent")
	equal(t, strings.Join(loader.Names(), " "), "crypto")
	equal(t, strings.Join(asked, ", "), "crypto crypto.so, network network.so")
	equal(t, seen[0].Name, "crypto")
	equal(t, seen[0].State, nexus.Loaded)
	states := map[string]nexus.State{}
	report := must(loader.Report())(t)
	for name, entry := range report.All() {
		states[name] = entry.State
		if entry.State == nexus.Loaded == (entry.Err() != nil) {
			t.Error(entry)
		}
	}
	equal(t, fmt.Sprint(states), "map[absent:missing crypto:loaded database:skipped network:skipped]")
	var out []string
	for entry := range report.In(nexus.Skipped, nexus.Missing) {
		out = append(out, entry.Name)
	}
	slices.Sort(out)
	equal(t, strings.Join(out, " "), "absent database network")
	for entry := range report.In(nexus.Missing) {
		fails(t, entry.Err(), nexus.ErrNotFound, "absent")
	}
}

func TestCancelledByProgress(t *testing.T) {
	loader := open(t, nexus.OnProgress(func(p nexus.Progress) bool { return p.Name != "crypto" }))
	equal(t, strings.Join(loader.Names(), " "), "crypto")
	for entry := range must(loader.Report())(t).In(nexus.Skipped) {
		equal(t, entry.Detail, nexus.DetailCancelled)
	}
}

func TestAPanicInAFilterMeansNo(t *testing.T) {
	loader := open(t, nexus.Filter(func(name, _ string) bool {
		if name == "network" {
			panic("on purpose")
		}
		return true
	}))
	equal(t, strings.Join(loader.Names(), " "), "crypto database")
}

func TestLazy(t *testing.T) {
	asked := 0
	loader := open(t, nexus.Lazy(), nexus.Filter(func(string, string) bool { asked++; return true }))
	equal(t, asked, 0)
	for entry := range must(loader.Report())(t).In(nexus.NotYet) {
		equal(t, entry.Err(), nil)
	}
	must(loader.Get("crypto"))(t).Close()
	equal(t, asked, 1)
}

func TestOneBadModule(t *testing.T) {
	loader := must(nexus.Open(filepath.Join(modules, "one_bad"), nexus.Trial(20*time.Second)))(t)
	defer loader.Close()
	equal(t, strings.Join(loader.Names(), " "), "crypto")
	for entry := range must(loader.Report())(t).In(nexus.Failed) {
		equal(t, entry.Name, "broken")
		equal(t, entry.Detail, nexus.DetailInitRaised)
		fails(t, entry.Err(), nexus.ErrLoadFailed, "no licence")
	}
	_, err := loader.Get("broken")
	fails(t, err, nexus.ErrNotLoaded, "Available modules: ['crypto']")
	// Without a trial, and lazily: what the module has raised is there, too.
	lazy := must(nexus.Open(filepath.Join(modules, "one_bad"), nexus.Lazy()))(t)
	defer lazy.Close()
	_, err = lazy.Get("broken")
	fails(t, err, nexus.ErrLoadFailed, "no licence")
	fails(t, err, nexus.Exception("ValueError"), "")
}

func TestCleanupOnClose(t *testing.T) {
	loader := must(nexus.Open(documented, nexus.CleanupOnClose()))(t)
	network := must(loader.Get("network"))(t)
	must(network.Call("connect", "example.org"))(t)
	loader.Close()
	equal(t, must(nexus.Call[string](network, "get_status"))(t), "not connected")
}

func TestPython(t *testing.T) {
	if err := nexus.Start(); err != nil {
		t.Fatal(err)
	}
	info := must(nexus.Info())(t)
	equal(t, info.Owned, true)
	equal(t, info.Major, 3)
	equal(t, strings.HasPrefix(info.Version, fmt.Sprintf("3.%d.%d", info.Minor, info.Micro)), true)
	for _, text := range []string{info.Library, info.Executable, info.Prefix, info.Reason} {
		equal(t, text != "", true)
	}
	equal(t, len(must(nexus.Search())(t)) > 0, true)
	err := nexus.Start(nexus.Python("/no/such/python"))
	if err == nil {
		t.Error("another Python")
	}
	equal(t, nexus.Version() != "", true)
	// The main thread is none that a goroutine could get.
	sys := python(t, "import threading\nmain = threading.current_thread() is threading.main_thread()")
	equal(t, must(nexus.Item[bool](sys, "main"))(t), false)
}

func TestLog(t *testing.T) {
	lines := make(chan string, 1000)
	nexus.SetLog(nexus.LogDebug, func(level nexus.LogLevel, text string) { lines <- fmt.Sprint(level, " ", text) })
	open(t)
	nexus.SetLog(nexus.LogWarning, nil)
	close(lines)
	equal(t, len(lines) > 0, true)
}
