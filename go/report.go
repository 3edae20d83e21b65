package nexus

// #include "bridge.h"
import "C"

import (
	"fmt"
	"iter"
	"runtime"
	"time"
)

// State is what became of a file or of a requested name.
type State uint32

// The states.
const (
	// Loaded: Get gives it.
	Loaded State = C.NEXUS_STATE_LOADED
	// NotYet: it was found, and loads at the first Get; see the option Lazy.
	NotYet State = C.NEXUS_STATE_LAZY
	// Failed: it was tried, or is proven hopeless; the entry says why.
	Failed State = C.NEXUS_STATE_FAILED
	// Skipped: it was not tried; the entry says why.
	Skipped State = C.NEXUS_STATE_SKIPPED
	// Missing: it was asked for, and is not in the directory.
	Missing State = C.NEXUS_STATE_MISSING
)

// String is the state's name.
func (s State) String() string {
	names := []string{"loaded", "lazy", "failed", "skipped", "missing"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("State(%d)", uint32(s))
}

// Entry is what became of one file or requested name.
type Entry struct {
	// Name is the module's name, as Get takes it; Path is the file, "" for a name that was not found.
	Name, Path string
	State      State
	// Status is 0, or why it did not load.
	Status Status
	// Detail is the finer code, 0 if there is none.
	Detail Detail
	// Message says why it failed or was skipped.
	Message string
	// Duration is how long finding out took.
	Duration time.Duration
	// Effects are what loading it did to the process, a line each: what it changed was put back.
	Effects []string
}

// Err is why the module did not load, as an error; nil if it did, or can.
func (e Entry) Err() error {
	if e.State == Loaded || e.State == NotYet {
		return nil
	}
	return &Error{Status: e.Status, Detail: e.Detail, Message: e.Message, Module: e.Name, Path: e.Path}
}

// Report has an entry for each file that was found and each name that was asked for, in load order. It is
// a snapshot.
type Report []Entry

// All gives each entry, by name.
func (r Report) All() iter.Seq2[string, Entry] {
	return func(yield func(string, Entry) bool) {
		for _, entry := range r {
			if !yield(entry.Name, entry) {
				return
			}
		}
	}
}

// In gives the entries in one of some states.
//
//	for entry := range report.In(nexus.Failed, nexus.Missing) { … }
func (r Report) In(states ...State) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for _, entry := range r {
			for _, state := range states {
				if entry.State == state {
					if !yield(entry) {
						return
					}
					break
				}
			}
		}
	}
}

// Report tells what became of each file and each requested name.
func (l *Loader) Report() (Report, error) {
	var tokens, failure C.uint64_t
	var status C.int32_t
	b := openBlock(C.nexusgo_loader_report(l.number(), &tokens, &status, &failure), tokens)
	defer b.free()
	runtime.KeepAlive(l)
	if status != 0 {
		return nil, takeError(status, failure, false)
	}
	report := make(Report, int(b.next().size))
	for i := range report {
		entry := &report[i]
		entry.Name = b.text()
		entry.Path = b.text()
		entry.State = State(b.integer())
		entry.Status = Status(b.integer())
		entry.Detail = Detail(b.integer())
		entry.Message = b.text()
		entry.Duration = time.Duration(b.integer())
		entry.Effects = b.texts()
	}
	return report, nil
}
