package nexus

// #include "bridge.h"
import "C"

import (
	"log/slog"
	"runtime/debug"
	"sync/atomic"
)

// harmless runs a function of the program's. A panic must not unwind through the library, and there is no
// call here whose error it could become: it is logged.
func harmless(what string, function func()) {
	defer func() {
		if panicked := recover(); panicked != nil {
			slog.Error("nexus: a function panicked", "function", what, "panic", panicked, "stack", string(debug.Stack()))
		}
	}()
	function()
}

// LogLevel is the weight of a line of the library's log.
type LogLevel uint32

// The weights.
const (
	LogError   LogLevel = C.NEXUS_LOG_ERROR
	LogWarning LogLevel = C.NEXUS_LOG_WARNING
	LogInfo    LogLevel = C.NEXUS_LOG_INFO
	LogDebug   LogLevel = C.NEXUS_LOG_DEBUG
)

var logger atomic.Pointer[func(LogLevel, string)]

// SetLog sends the lines of the library's log of that level and weightier ones to a function: what is
// searched, found, loaded and skipped, and why. nil sends them to stderr, as before. The function is called
// from any goroutine, sometimes while Python waits for it: it must not call Python.
func SetLog(level LogLevel, line func(level LogLevel, text string)) {
	if line == nil {
		logger.Store(nil)
		C.nexusgo_log_set(0, C.uint32_t(level))
		return
	}
	logger.Store(&line)
	C.nexusgo_log_set(1, C.uint32_t(level))
}

//export nexusgoLog
func nexusgoLog(level C.uint32_t, text *C.char) {
	if line := logger.Load(); line != nil {
		harmless("SetLog", func() { (*line)(LogLevel(level), C.GoString(text)) })
	}
}
