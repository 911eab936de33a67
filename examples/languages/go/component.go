// What each language does with its grants: a store, its buckets, and a component that they are lent to.
//
// The world's functions are named as the canonical ABI has them: a handle is an int32, a text or list a pointer and
// a length, and a result that is no number is written to where the last parameter points. Pointers there have 32
// bits, Go's have 64.
package main

import (
	"errors"
	"strings"
	"structs"
	"unsafe"
)

type handle = int32

type text struct {
	_       structs.HostLayout
	at, len uint32
}

func (t text) String() string {
	return strings.Clone(unsafe.String((*byte)(unsafe.Pointer(uintptr(t.at))), int(t.len)))
}

type result[T any] struct {
	_      structs.HostLayout
	failed bool
	value  T
}

const overloaded = 1

type capError struct {
	_      structs.HostLayout
	kind   uint8
	reason text
}

func (e *capError) Error() string { return e.reason.String() }

// What is wrong with a result, if anything is.
func (r *result[T]) err() error {
	if !r.failed {
		return nil
	}
	return (*capError)(unsafe.Pointer(&r.value))
}

// A result whose value takes less room than an error does.
type small struct {
	_    structs.HostLayout
	word int32
	rest [2]uint32
}

type entry struct {
	_          structs.HostLayout
	key, value text
	meta       struct {
		_       structs.HostLayout
		version uint64
		size    uint32
	}
}

type lookup struct {
	_     structs.HostLayout
	found bool
	entry entry
}

type number struct {
	_     structs.HostLayout
	value uint64
	rest  uint32
}

type list struct {
	_    structs.HostLayout
	list text
	rest uint32
}

type option struct {
	_      structs.HostLayout
	some   bool
	handle handle
}

type report struct {
	_       structs.HostLayout
	keys    text
	changes uint32
	summary text
}

//go:wasmimport demo:kv/app-grants@0.1.0 get-store
func getStore() handle

//go:wasmimport demo:kv/app-grants@0.1.0 get-console
func getConsole() handle

//go:wasmimport demo:kv/app-grants@0.1.0 get-summarizer
func getSummarizer(out *option)

//go:wasmimport capwit:caps/standard@0.1.0 [method]console.write
func consoleWrite(console handle, data unsafe.Pointer, size uint32, out *result[small])

//go:wasmimport capwit:caps/standard@0.1.0 [resource-drop]console
func dropConsole(handle)

//go:wasmimport demo:kv/kv@0.1.0 [method]store.durability
func storeDurability(store handle, out *result[small])

//go:wasmimport demo:kv/kv@0.1.0 [method]store.open
func storeOpen(store handle, name unsafe.Pointer, size uint32, out *result[small])

//go:wasmimport demo:kv/kv@0.1.0 [resource-drop]store
func dropStore(handle)

//go:wasmimport demo:kv/kv@0.1.0 [method]bucket.get
func bucketGet(bucket handle, key unsafe.Pointer, size uint32, out *result[lookup])

//go:wasmimport demo:kv/kv@0.1.0 [method]bucket.set
func bucketSet(bucket handle, key unsafe.Pointer, size uint32, value unsafe.Pointer, length uint32, out *result[number])

//go:wasmimport demo:kv/kv@0.1.0 [method]bucket.list
func bucketList(bucket handle, prefix unsafe.Pointer, size uint32, out *result[list])

//go:wasmimport demo:kv/kv@0.1.0 [method]bucket.open-sub
func bucketOpenSub(bucket handle, name unsafe.Pointer, size uint32, out *result[small])

//go:wasmimport demo:kv/kv@0.1.0 [resource-drop]bucket
func dropBucket(handle)

//go:wasmimport demo:kv/kv@0.1.0 [method]summarizer.summarize
func summarizerSummarize(summarizer, bucket handle, out *result[list])

//go:wasmimport demo:kv/kv@0.1.0 [resource-drop]summarizer
func dropSummarizer(handle)

func say(console handle, line string) error {
	line += "\n"
	var written result[small]
	consoleWrite(console, unsafe.Pointer(unsafe.StringData(line)), uint32(len(line)), &written)
	return written.err()
}

type bucket handle

func (b bucket) drop() { dropBucket(handle(b)) }

func (b bucket) get(key string) (string, bool, error) {
	var got result[lookup]
	bucketGet(handle(b), unsafe.Pointer(unsafe.StringData(key)), uint32(len(key)), &got)
	if err := got.err(); err != nil || !got.value.found {
		return "", false, err
	}
	return got.value.entry.value.String(), true, nil
}

func (b bucket) set(key, value string) error {
	var version result[number]
	bucketSet(handle(b), unsafe.Pointer(unsafe.StringData(key)), uint32(len(key)),
		unsafe.Pointer(unsafe.StringData(value)), uint32(len(value)), &version)
	return version.err()
}

func (b bucket) keys() ([]string, error) {
	var got result[list]
	bucketList(handle(b), nil, 0, &got)
	if err := got.err(); err != nil {
		return nil, err
	}
	var keys []string
	for _, each := range unsafe.Slice((*entry)(unsafe.Pointer(uintptr(got.value.list.at))), got.value.list.len) {
		keys = append(keys, each.key.String())
	}
	return keys, nil
}

func (b bucket) openSub(name string) (bucket, error) {
	var opened result[small]
	bucketOpenSub(handle(b), unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), &opened)
	return bucket(opened.value.word), opened.err()
}

func open(store handle, name string) (bucket, error) {
	var opened result[small]
	storeOpen(store, unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), &opened)
	return bucket(opened.value.word), opened.err()
}

func summarize(bucket handle) (string, error) {
	var granted option
	getSummarizer(&granted)
	if !granted.some {
		return "none", nil
	}
	defer dropSummarizer(granted.handle)
	var told result[list]
	summarizerSummarize(granted.handle, bucket, &told)
	if err := told.err(); err != nil {
		return "", err
	}
	return told.value.list.String(), nil
}

func run() (keys []string, summary string, err error) {
	console, store := getConsole(), getStore()
	defer dropConsole(console)
	defer dropStore(store)
	var durability result[small]
	storeDurability(store, &durability)
	if err := durability.err(); err != nil {
		return nil, "", err
	}
	place := map[int32]string{0: "in memory", 1: "on disk"}[durability.value.word&0xff]
	if err := say(console, "stored "+place); err != nil {
		return nil, "", err
	}

	fruit, err := open(store, "fruit")
	if err != nil {
		return nil, "", err
	}
	defer fruit.drop()
	if err := fruit.set("apple", "red"); err != nil {
		return nil, "", err
	}
	if value, found, err := fruit.get("apple"); err != nil {
		return nil, "", err
	} else if found {
		say(console, "apple is "+value)
	}
	var failed *capError
	if err := fruit.set("melon", strings.Repeat(" ", 1024*1024+1)); errors.As(err, &failed) && failed.kind == overloaded {
		say(console, "melon is too large")
	} else if err != nil {
		return nil, "", err
	}

	// A bucket of its own: none of its keys are the fruit bucket's.
	citrus, err := fruit.openSub("citrus")
	if err != nil {
		return nil, "", err
	}
	defer citrus.drop()
	if err := citrus.set("lemon", "yellow"); err != nil {
		return nil, "", err
	}
	held, err := citrus.keys()
	if err != nil {
		return nil, "", err
	}
	say(console, "citrus holds "+strings.Join(held, " "))

	// The bucket is lent: the summarizer can use it until it answers.
	if summary, err = summarize(handle(fruit)); err != nil {
		return nil, "", err
	}
	if err := say(console, "summary "+summary); err != nil {
		return nil, "", err
	}
	keys, err = fruit.keys()
	return keys, summary, err
}

// ---- memory that the host writes to, and what it reads: kept until it has read the result

var kept [][]byte

func keep(size uint32) unsafe.Pointer {
	bytes := make([]byte, max(size, 1)+16)
	kept = append(kept, bytes)
	at := uintptr(unsafe.Pointer(&bytes[0]))
	return unsafe.Add(unsafe.Pointer(&bytes[0]), (16-at%16)%16)
}

// The adapter of WASI would call a `cabi_realloc` before Go's runtime is up.
//
//go:wasmexport cabi_import_realloc
func realloc(old unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	at := keep(size)
	copy(unsafe.Slice((*byte)(at), size), unsafe.Slice((*byte)(old), oldSize))
	return at
}

func lower(of string) text {
	at := keep(uint32(len(of)))
	copy(unsafe.Slice((*byte)(at), len(of)), of)
	return text{at: uint32(uintptr(at)), len: uint32(len(of))}
}

// ---- the resource that the world exports: it has no state, so any number stands for it

//go:wasmimport [export]demo:kv/app-exports-runner@0.1.0 [resource-new]runner
func newRunner(rep int32) handle

//go:wasmexport demo:kv/app-exports-runner@0.1.0#[constructor]runner
func constructRunner() handle { return newRunner(1) }

//go:wasmexport demo:kv/app-exports-runner@0.1.0#[method]runner.run
func runRunner(int32) unsafe.Pointer {
	told := (*result[report])(keep(uint32(unsafe.Sizeof(result[report]{}))))
	keys, summary, err := run()
	var failed *capError
	if errors.As(err, &failed) {
		told.failed = true
		*(*capError)(unsafe.Pointer(&told.value)) = *failed
		return unsafe.Pointer(told)
	}
	texts := unsafe.Slice((*text)(keep(uint32(len(keys))*8)), len(keys))
	for i, key := range keys {
		texts[i] = lower(key)
	}
	told.value = report{
		keys:    text{at: uint32(uintptr(unsafe.Pointer(unsafe.SliceData(texts)))), len: uint32(len(keys))},
		summary: lower(summary),
	}
	return unsafe.Pointer(told)
}

//go:wasmexport cabi_post_demo:kv/app-exports-runner@0.1.0#[method]runner.run
func returned(unsafe.Pointer) { kept = nil }

func main() {}
