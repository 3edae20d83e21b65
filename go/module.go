package nexus

// #include "bridge.h"
import "C"

import "runtime"

// Module is a Python module. It is an Object, with a name.
type Module struct {
	Object
	name string
}

// Name is the name under which the module was got.
func (m *Module) Name() string { return m.name }

// module runs an operation that gives a module.
func module(what operation, object C.uint64_t, name string) (*Module, error) {
	f := begin(what, object, anyShape)
	if err := f.name(name); err != nil {
		f.drop()
		return nil, err
	}
	var m *Module
	err := f.run(nil)
	if err == nil {
		m = &Module{name: name}
		m.own(f.c.result.word)
	}
	f.end()
	return m, err
}

// Import imports a module by its dotted name, as Python's import does: from the standard library, from
// site-packages, or what a loader has put on Python's path. Starts Python if nothing has.
func Import(name string) (*Module, error) {
	if err := started(); err != nil {
		return nil, err
	}
	return module(C.NEXUSGO_IMPORT, 0, name)
}

// Get gets a loaded module by its name; a lazy one is loaded now. The module does not need the loader.
//
// It is ErrNotLoaded if there is no such module, with the names of those there are; ErrLoadFailed if it was
// to load now and did not; ErrAmbiguous if several have that name.
func (l *Loader) Get(name string) (*Module, error) {
	m, err := module(C.NEXUSGO_LOADER_GET, l.number(), name)
	runtime.KeepAlive(l)
	return m, err
}
