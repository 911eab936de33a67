// What each language does with its grants: a store, its buckets, and a component that they are lent to.
//
// The other packages of this module are wit-bindgen's, from the WIT that `capwit generate` makes of kv.capnp.
package export_demo_kv_app_exports_runner

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	wit "go.bytecodealliance.org/pkg/wit/types"

	"wit_component/capwit_bridge_errors"
	"wit_component/capwit_caps_standard"
	"wit_component/demo_kv_app_grants"
	"wit_component/demo_kv_kv"
)

// Runner is the resource that the world exports; wit-bindgen's half of it uses the two fields.
type Runner struct {
	handle int32
	pinner runtime.Pinner
}

func MakeRunner() *Runner { return &Runner{} }

func (*Runner) OnDrop() {}

func (*Runner) Run() wit.Result[demo_kv_kv.Report, capwit_bridge_errors.CapError] {
	report, err := run()
	var failed capError
	if errors.As(err, &failed) {
		return wit.Err[demo_kv_kv.Report](capwit_bridge_errors.CapError(failed))
	}
	return wit.Ok[demo_kv_kv.Report, capwit_bridge_errors.CapError](report)
}

// A refusal, as Go's errors are.
type capError capwit_bridge_errors.CapError

func (e capError) Error() string { return e.Reason }

func value[T any](of wit.Result[T, capwit_bridge_errors.CapError]) (T, error) {
	if of.IsErr() {
		var none T
		return none, capError(of.Err())
	}
	return of.Ok(), nil
}

func run() (report demo_kv_kv.Report, err error) {
	console, store := demo_kv_app_grants.GetConsole(), demo_kv_app_grants.GetStore()
	defer console.Drop()
	defer store.Drop()
	durability, err := value(store.Durability())
	if err != nil {
		return report, err
	}
	place := map[demo_kv_kv.Durability]string{
		demo_kv_kv.Durability_Memory: "in memory", demo_kv_kv.Durability_Disk: "on disk",
	}[durability]
	if err := say(console, "stored %s", place); err != nil {
		return report, err
	}

	fruit, err := value(store.Open("fruit"))
	if err != nil {
		return report, err
	}
	defer fruit.Drop()
	if _, err := value(fruit.Set("apple", []byte("red"))); err != nil {
		return report, err
	}
	if apple, err := value(fruit.Get("apple")); err != nil {
		return report, err
	} else if apple.Tag() == demo_kv_kv.Lookup_Found {
		say(console, "apple is %s", apple.Found().Value)
	}
	var failed capError
	_, err = value(fruit.Set("melon", make([]byte, 1024*1024+1)))
	if errors.As(err, &failed) && failed.Kind == capwit_bridge_errors.ErrorKind_Overloaded {
		say(console, "melon is too large")
	} else if err != nil {
		return report, err
	}

	// A bucket of its own: none of its keys are the fruit bucket's.
	citrus, err := value(fruit.OpenSub("citrus"))
	if err != nil {
		return report, err
	}
	defer citrus.Drop()
	if _, err := value(citrus.Set("lemon", []byte("yellow"))); err != nil {
		return report, err
	}
	held, err := keys(citrus)
	if err != nil {
		return report, err
	}
	say(console, "citrus holds %s", strings.Join(held, " "))

	// The bucket is lent: the summarizer can use it until it answers.
	if report.Summary, err = summarize(fruit); err != nil {
		return report, err
	}
	if err := say(console, "summary %s", report.Summary); err != nil {
		return report, err
	}
	report.Keys, err = keys(fruit)
	return report, err
}

func say(console *capwit_caps_standard.Console, format string, of ...any) error {
	_, err := value(console.Write(fmt.Appendf(nil, format+"\n", of...)))
	return err
}

func keys(bucket *demo_kv_kv.Bucket) ([]string, error) {
	entries, err := value(bucket.List(""))
	var keys []string
	for _, entry := range entries {
		keys = append(keys, entry.Key)
	}
	return keys, err
}

func summarize(bucket *demo_kv_kv.Bucket) (string, error) {
	granted := demo_kv_app_grants.GetSummarizer()
	if granted.IsNone() {
		return "none", nil
	}
	summarizer := granted.Some()
	defer summarizer.Drop()
	return value(summarizer.Summarize(bucket))
}
