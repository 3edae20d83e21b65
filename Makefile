# nexus_loader: `make demo` shows it, `make test` proves it, `make install` installs it.

VERSION := $(shell sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
# The number in the SONAME.
ABI     := $(shell sed -n "s/^pub const ABI: u32 = \(.*\);/\1/p" crates/abi/src/lib.rs)

PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR     ?= $(PREFIX)/bin
DATADIR    ?= $(PREFIX)/share
DESTDIR    ?=

CC       ?= cc
CXX      ?= c++
CFLAGS   ?= -O2 -g
CXXFLAGS ?= -O2 -g
CARGO    ?= cargo

LIBRARIES := target/release
# The examples find the libraries from where they lie themselves.
ORIGIN := $(if $(filter Darwin,$(shell uname -s)),@loader_path,$$ORIGIN)
EXAMPLE_FLAGS := -Wall -Wextra -Iinclude -L$(LIBRARIES) -Wl,-rpath,'$(ORIGIN)/../release'
CPP_HEADERS := include/nexus_loader.hpp $(wildcard include/nexus_loader/*.hpp)
MODULES_SOURCES := examples/c/modules.c examples/c/calls.c examples/c/text.c
MODULES_HEADERS := examples/c/calls.h examples/c/text.h

.PHONY: all build tool c_examples examples demo test docs unit check install tarball deb setup pythons wheel wheels windows windows-smoke zip \
	macos bench clean help
.DEFAULT_GOAL := all

# Needs no C++ compiler, as the demo does not.
all: build tool c_examples

help:
	@echo 'make demo      build, and open real extension modules on every CPython 3.11+ of this machine'
	@echo 'make test      every test, after installing what a Debian or Ubuntu machine lacks'
	@echo 'make           build the libraries and the tool (target/release), and the examples (target/examples)'
	@echo 'make docs      the documentation as pages with a search (target/docs/html), its links checked'
	@echo 'make check     formatting, lints, and that generated files are up to date'
	@echo 'make install   install libraries, headers, pkg-config and CMake files, the tool `nexus` (PREFIX, DESTDIR)'
	@echo 'make tarball   the same as an archive that works wherever it is unpacked, in target/package'
	@echo 'make deb       the same as a Debian package, in target/package'
	@echo 'make wheel     the wheel for Python programs: target/wheel/dist/*.whl'
	@echo 'make setup     install what a Debian or Ubuntu machine lacks; say what is needed elsewhere'
	@echo 'make pythons   the tests on CPython 3.13, 3.14 and 3.15 of Debian unstable, in a folder (root)'
	@echo 'make wheels    more than a hundred real wheels on each CPython, against what `import` loads (long)'
	@echo 'make macos     build and link all for macOS on Linux, check its files, and pack it (target/package); runs nothing of it'
	@echo 'make windows   build for Windows with mingw-w64, and test that under Wine on CPython 3.11, 3.12 and 3.13'
	@echo 'make windows-smoke   some of it, on one of them'
	@echo 'make zip       the archive for Windows, in target/package'
	@echo 'make bench     measure beside the C API, pybind11 and PyO3; writes docs/benchmarks.md (minutes)'
	@echo 'make clean     remove everything that was built'

build:
	$(CARGO) build --release

# After the libraries, which the demo does with.
tool: build
	$(CARGO) build --release -p nexus_tool

target/examples/modules: $(MODULES_SOURCES) $(MODULES_HEADERS) include/nexus_loader.h | build
	@mkdir -p $(@D)
	$(CC) -std=c11 $(CFLAGS) $(EXAMPLE_FLAGS) $(MODULES_SOURCES) -lnexus_loader -o $@

target/examples/complete: examples/c/complete.c include/nexus_loader.h | build
	@mkdir -p $(@D)
	$(CC) -std=c11 $(CFLAGS) $(EXAMPLE_FLAGS) examples/c/complete.c -lnexus_loader -o $@

target/examples/complete_cpp: examples/cpp/complete.cpp include/nexus_loader.h $(CPP_HEADERS) | build
	@mkdir -p $(@D)
	$(CXX) -std=c++17 $(CXXFLAGS) $(EXAMPLE_FLAGS) examples/cpp/complete.cpp -lnexus_loader -o $@

target/examples/complete_go: $(wildcard examples/go/* go/*) include/nexus_loader.h | build tool
	@mkdir -p $(@D)
	. scripts/go-env.sh && cd examples/go && CGO_LDFLAGS='-Wl,-rpath,$(ORIGIN)/../release' go build -o ../../$@ .

c_examples: target/examples/modules target/examples/complete

examples: c_examples target/examples/complete_cpp target/examples/complete_go

demo:
	@scripts/setup.sh demo
	@$(MAKE) --no-print-directory c_examples
	@scripts/demo.sh target/examples/modules

test:
	scripts/setup.sh test
	$(MAKE) --no-print-directory check unit tool examples
	scripts/test-readme.sh
	scripts/test-examples.sh
	scripts/test-install.sh
	scripts/test-packages.sh
	scripts/docs.sh
	scripts/test-wheel.sh
	scripts/test-go.sh
	$(CARGO) test -p nexus_tests

docs:
	scripts/setup.sh test
	scripts/docs.sh

# The engine's test binary needs Python's symbols, so a script links it.
unit:
	$(CARGO) test --workspace --exclude nexus_engine --exclude nexus_tests
	scripts/test-engine.sh

check: build
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	scripts/check-generated.sh

install: build tool
	scripts/install.sh '$(LIBRARIES)' '$(VERSION)' '$(ABI)' '$(DESTDIR)' '$(PREFIX)' '$(LIBDIR)' '$(INCLUDEDIR)' \
		'$(BINDIR)' '$(DATADIR)'

tarball: build tool
	scripts/tarball.sh '$(LIBRARIES)' '$(VERSION)' '$(ABI)'

deb: build tool
	scripts/deb.sh '$(LIBRARIES)' '$(VERSION)' '$(ABI)'

setup:
	scripts/setup.sh test

pythons: examples
	scripts/unstable.sh

wheel: build
	@scripts/wheel/build.sh

wheels: build
	NEXUS_TEST_WHEELS=all $(CARGO) test -p nexus_tests --test wheels

# Beside the Linux libraries and tool, which the check compares with.
macos: build tool
	scripts/macos/setup.sh
	scripts/macos/build.sh
	scripts/macos/check.sh '$(VERSION)' '$(ABI)'
	SYSTEM=Darwin MACHINE=universal TOOL=$(LIBRARIES)/nexus scripts/tarball.sh target/macos/universal '$(VERSION)' '$(ABI)'

# What it makes, and the Windows CPythons and Wine's own files, is kept in target/windows.
windows:
	scripts/windows/setup.sh
	scripts/windows/build.sh
	scripts/windows/python.sh
	scripts/windows/test-zip.sh
	scripts/windows/test-finding.sh
	$(CARGO) test -p nexus_tests --features windows --test windows

# What CI runs of it: one CPython, and the programs of Windows alone.
windows-smoke:
	scripts/windows/setup.sh
	scripts/windows/build.sh
	scripts/windows/python.sh 3.13
	NEXUS_TEST_WINDOWS_PYTHONS=3.13 $(CARGO) test -p nexus_tests --features windows --test windows -- /windows_

zip:
	scripts/windows/setup.sh
	scripts/windows/build.sh
	scripts/windows/zip.sh

bench:
	scripts/setup.sh test
	$(MAKE) --no-print-directory build
	$(CARGO) run --quiet -p nexus_bench

clean:
	$(CARGO) clean
