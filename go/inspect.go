package nexus

// #include "bridge.h"
import "C"

import (
	"encoding/json"
	"unsafe"
)

// Inspect tells what a file is: a Python module, a helper library, or nothing that can be loaded, and
// everything that is wrong with it, as one JSON object; include/nexus_loader.h has its fields. Nothing of
// the file is run, and no Python is needed. A file that is missing or damaged is no error.
func Inspect(path string) (json.RawMessage, error) {
	if err := withoutNul("the path", path); err != nil {
		return nil, err
	}
	text := append([]byte(path), 0)
	var tokens, failure C.uint64_t
	var status C.int32_t
	number := C.nexusgo_inspect((*C.char)(unsafe.Pointer(unsafe.SliceData(text))), &tokens, &status, &failure)
	b := openBlock(number, tokens)
	defer b.free()
	if status != 0 {
		return nil, takeError(status, failure, false)
	}
	return json.RawMessage(b.text()), nil
}
