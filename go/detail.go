package nexus

// #include "bridge.h"
import "C"

// Detail says what exactly is wrong with a file, or went wrong with a module; docs/details.md has the cause and
// cure of each. Programs must expect numbers that they do not know yet.
type Detail uint32

// String is the detail's name, such as "TRUNCATED".
func (d Detail) String() string { return C.GoString(C.nexus_detail_name(C.uint32_t(d))) }

// Meaning says what it means, in a few words: "the file is cut off".
func (d Detail) Meaning() string { return C.GoString(C.nexus_detail_meaning(C.uint32_t(d))) }

// Cause says how it comes about.
func (d Detail) Cause() string { return C.GoString(C.nexus_detail_cause(C.uint32_t(d))) }

// Cure says what to do about it.
func (d Detail) Cure() string { return C.GoString(C.nexus_detail_cure(C.uint32_t(d))) }
