// The evaluator of CUE that `capwit run app.cue` hosts: a wasip1 module around CUE's own library.
//
// It is granted the sources as a ScriptPackage, and prints what they say as JSON, or CUE's errors on standard error
// (exit code 1). Its argument, if there is one, is put before the names of files in errors.
package main

import (
	"fmt"
	"os"
	"path"
	"strings"
	"unsafe"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
)

func main() {
	shown := ""
	if len(os.Args) > 1 {
		shown = os.Args[1]
	}
	source := getSource()
	value, err := evaluate(source, shown)
	drop(source)
	if err != nil {
		errors.Print(os.Stderr, err, &errors.Config{ToSlash: true})
		os.Exit(1)
	}
	os.Stdout.Write(value)
}

// evaluate returns what the entry says, with the files beside it that are of its package, as JSON.
func evaluate(source handle, shown string) ([]byte, error) {
	entry, err := nameOf(source)
	if err != nil {
		return nil, err
	}
	names, err := namesOf(source)
	if err != nil {
		return nil, err
	}
	content, err := read(source, entry)
	if err != nil {
		return nil, err
	}
	first, err := parser.ParseFile(path.Join(shown, entry), content, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	// What CUE's library has itself is found without a loader, and there is nothing else.
	none := func(_ token.Pos, _ string) *build.Instance { return nil }
	instance := build.NewContext(build.Loader(none)).NewInstance(".", nil)
	if err := instance.AddSyntax(first); err != nil {
		return nil, err
	}
	if first.PackageName() != "" {
		for _, name := range names {
			if name == entry || path.Dir(name) != path.Dir(entry) || path.Ext(name) != ".cue" {
				continue
			}
			content, err := read(source, name)
			if err != nil {
				return nil, err
			}
			file, err := parser.ParseFile(path.Join(shown, name), content, parser.ParseComments)
			if err != nil {
				return nil, err
			}
			if file.PackageName() != first.PackageName() {
				continue
			}
			if err := instance.AddSyntax(file); err != nil {
				return nil, err
			}
		}
	}
	value := cuecontext.New().BuildInstance(instance)
	if err := value.Validate(cue.Concrete(true)); err != nil {
		return nil, err
	}
	return value.MarshalJSON()
}

// ---- the package of sources, as the canonical ABI has it: pointers have 32 bits there, Go's have 64

type handle = int32

// A result: whether it failed, and then an error (its kind, and text at 2), a text or list (at 1), or part of a blob
// (whether there is one, and a list at 2).
type answer [4]uint32

const mostAtOnce = 1 << 20 // bytes

//go:wasmimport capwit:cue/cue-grants@0.1.0 get-source
func getSource() handle

//go:wasmimport capwit:store/store@0.1.0 [resource-drop]script-package
func drop(source handle)

//go:wasmimport capwit:store/store@0.1.0 [method]script-package.entry
func askEntry(source handle, out *answer)

//go:wasmimport capwit:store/store@0.1.0 [method]script-package.list
func askList(source handle, out *answer)

//go:wasmimport capwit:store/store@0.1.0 [method]script-package.read
func askRead(source handle, name unsafe.Pointer, length uint32, offset uint64, size uint32, out *answer)

func text(at, length uint32) string {
	return strings.Clone(unsafe.String((*byte)(unsafe.Pointer(uintptr(at))), int(length)))
}

func (a *answer) err() error {
	if a[0]&0xff == 0 {
		return nil
	}
	return fmt.Errorf("%s", text(a[2], a[3]))
}

func nameOf(source handle) (string, error) {
	var out answer
	defer func() { kept = nil }()
	askEntry(source, &out)
	if err := out.err(); err != nil {
		return "", err
	}
	return text(out[1], out[2]), nil
}

func namesOf(source handle) ([]string, error) {
	var out answer
	defer func() { kept = nil }()
	askList(source, &out)
	if err := out.err(); err != nil {
		return nil, err
	}
	var names []string
	for _, each := range unsafe.Slice((*[2]uint32)(unsafe.Pointer(uintptr(out[1]))), out[2]) {
		names = append(names, text(each[0], each[1]))
	}
	return names, nil
}

func read(source handle, name string) (string, error) {
	var content strings.Builder
	for {
		part, err := readPart(source, name, uint64(content.Len()))
		content.WriteString(part)
		if err != nil || part == "" {
			return content.String(), err
		}
	}
}

func readPart(source handle, name string, offset uint64) (string, error) {
	var out answer
	defer func() { kept = nil }()
	askRead(source, unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), offset, mostAtOnce, &out)
	if err := out.err(); err != nil {
		return "", err
	}
	if out[1]&0xff == 0 {
		return "", fmt.Errorf("%s: there is no such source", name)
	}
	return text(out[2], out[3]), nil
}

// What the host writes to, until it has been read.
var kept [][]byte

//go:wasmexport cabi_realloc
func realloc(_ unsafe.Pointer, _, _, size uint32) unsafe.Pointer {
	words := make([]uint64, size/8+1) // which are aligned
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*8)
	kept = append(kept, bytes)
	return unsafe.Pointer(&words[0])
}
