package nexus

// #include "bridge.h"
import "C"

import (
	"encoding/json"
	"runtime"
)

// ToJSON writes an object as JSON text, with Python's json.
func ToJSON(of Handle) ([]byte, error) {
	text, err := of.object().textOf(C.NEXUSGO_TO_JSON)
	return []byte(text), err
}

// FromJSON makes a Python value of JSON text, with Python's json: dicts, lists, ints of any size. Starts
// Python if nothing has.
func FromJSON(text []byte) (any, error) {
	if err := started(); err != nil {
		return nil, err
	}
	f := begin(C.NEXUSGO_FROM_JSON, 0, anyShape)
	f.pushBytes(kindText, text)
	err := f.run(nil)
	var value any
	if err == nil {
		value = f.value()
	}
	f.end()
	return value, err
}

// Decode fills a Go variable, a struct for instance, from an object by way of JSON: with encoding/json and
// its tags.
func Decode(of Handle, into any) error {
	text, err := ToJSON(of)
	runtime.KeepAlive(of)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// Encode makes a Python value of a Go value, a struct for instance, by way of JSON: with encoding/json and
// its tags.
func Encode(value any) (any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return FromJSON(text)
}
