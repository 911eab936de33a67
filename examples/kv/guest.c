// The program of world `app`, as a C guest: what guest.py does, at 13 KB instead of 18 MB.
//
//     capwit build examples/kv/guest.c --wit build/kv/wit --world app -o build/app.wasm
//
// There are no generated bindings here. A component's functions are core WebAssembly functions whose names and
// parameters follow the canonical ABI
// (https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md), and C can say them:
//
//   - a handle is an i32; a `string` or `list<T>` parameter is a pointer and a length;
//   - a result that does not fit in one number is written to memory: an import takes a pointer to where (its last
//     parameter), an export returns a pointer to it. Records, variants and results lie there as C's structs do;
//   - memory for what the host passes in comes from our `cabi_realloc`;
//   - a handle is dropped by calling `[resource-drop]`. Here each variable that owns one says so with OWNED, and
//     the compiler drops it where its scope ends.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))
#define EXPORT(name) __attribute__((export_name(name)))

#define KV "demo:kv/kv@0.1.0"
#define GRANTS "demo:kv/app-grants@0.1.0"
#define STANDARD "capwit:caps/standard@0.1.0"
#define RUNNER "demo:kv/app-exports-runner@0.1.0"

// ---- types, as the WIT has them

typedef int32_t handle;

typedef struct { const char *at; size_t length; } string;
typedef struct { const uint8_t *at; size_t length; } bytes;
#define TEXT(literal) ((string){(literal), sizeof(literal) - 1})

enum error_kind { FAILED, OVERLOADED, DISCONNECTED, UNIMPLEMENTED, REVOKED, DENIED, EXHAUSTED };
typedef struct { uint8_t kind; string reason; } cap_error;

enum durability { MEMORY, DISK };
typedef struct { string key; bytes value; struct { uint64_t version; uint32_t size; } meta; } entry;
typedef struct { uint8_t is_found; entry found; } lookup;
typedef struct { string key; struct { uint8_t is_deleted; bytes set; } which; } change;
typedef struct { const entry *at; size_t length; } entries;
typedef struct { const change *at; size_t length; } changes;
typedef struct { const string *at; size_t length; } strings;
typedef struct { strings keys; uint32_t changes; string summary; } report;
typedef struct { uint8_t is_some; handle some; } optional_handle;

#define RESULT(of) struct { uint8_t failed; union { of ok; cap_error error; }; }
typedef RESULT(uint8_t) byte_result;  // for bool, an enum, and no value at all
typedef RESULT(uint64_t) number_result;
typedef RESULT(handle) handle_result;
typedef RESULT(string) string_result;
typedef RESULT(lookup) lookup_result;
typedef RESULT(entries) entries_result;
typedef RESULT(changes) changes_result;
typedef RESULT(report) report_result;

// ---- imports: what the program holds, and what it can do with it

IMPORT(GRANTS, "get-store") handle get_store(void);
IMPORT(GRANTS, "get-console") handle get_console(void);
IMPORT(GRANTS, "get-summarizer") void get_summarizer(optional_handle *);

IMPORT(STANDARD, "[method]console.write") void console_write(handle, const char *, size_t, byte_result *);
IMPORT(KV, "[method]store.open") void store_open(handle, const char *, size_t, handle_result *);
IMPORT(KV, "[method]store.durability") void store_durability(handle, byte_result *);
IMPORT(KV, "[method]bucket.get") void bucket_get(handle, const char *, size_t, lookup_result *);
IMPORT(KV, "[method]bucket.set")
void bucket_set(handle, const char *, size_t, const void *, size_t, number_result *);
IMPORT(KV, "[method]bucket.delete") void bucket_delete(handle, const char *, size_t, byte_result *);
IMPORT(KV, "[method]bucket.list") void bucket_list(handle, const char *, size_t, entries_result *);
IMPORT(KV, "[method]bucket.open-sub") void bucket_open_sub(handle, const char *, size_t, handle_result *);
IMPORT(KV, "[method]bucket.watch") void bucket_watch(handle, handle_result *);
IMPORT(KV, "[method]cursor.next") void cursor_next(handle, uint32_t, changes_result *);
IMPORT(KV, "[method]summarizer.summarize") void summarizer_summarize(handle, handle, string_result *);

#define DROPPED(interface, resource) \
    IMPORT(interface, "[resource-drop]" #resource) void resource##_drop(handle); \
    static void drop_##resource(const handle *owned) { resource##_drop(*owned); }
#define OWNED(resource) __attribute__((cleanup(drop_##resource))) const handle

DROPPED(STANDARD, console)
DROPPED(KV, store)
DROPPED(KV, bucket)
DROPPED(KV, cursor)
DROPPED(KV, summarizer)

// ---- memory: everything a run is given is let go together, after the host has read the run's result

extern uint8_t __heap_base;
static uintptr_t heap_end = 0;

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size) {
    if (!heap_end) heap_end = (uintptr_t)&__heap_base;
    uintptr_t at = (heap_end + align - 1) & ~(uintptr_t)(align - 1);
    const size_t held = __builtin_wasm_memory_size(0) * 65536;
    if (at < heap_end || new_size > UINTPTR_MAX - 65535 - at) __builtin_trap();
    if (at + new_size > held && __builtin_wasm_memory_grow(0, (at + new_size - held + 65535) / 65536) == SIZE_MAX)
        __builtin_trap();
    heap_end = at + new_size;
    return old ? memcpy((void *)at, old, old_size < new_size ? old_size : new_size) : (void *)at;
}

// ---- lines for the console

typedef struct { char text[160]; size_t length; } line;

static void put(line *to, const void *at, size_t length) {
    const size_t room = sizeof to->text - to->length;
    if (length > room) length = room;
    memcpy(to->text + to->length, at, length);
    to->length += length;
}

static void put_string(line *to, string s) { put(to, s.at, s.length); }

static void put_number(line *to, size_t number) {
    char digits[20], *first = digits + sizeof digits;
    do *--first = (char)('0' + number % 10); while (number /= 10);
    put(to, first, (size_t)(digits + sizeof digits - first));
}

// A failed call ends the function it stands in, as an exception would, and `failure` tells why.
#define TRY(result) do if ((result).failed) { *failure = (result).error; return false; } while (0)
#define CALL(function) do if (!(function)) return false; while (0)

static bool say(handle console, line *what, cap_error *failure) {
    byte_result written;
    put(what, "\n", 1);
    console_write(console, what->text, what->length, &written);
    TRY(written);
    return true;
}

static bool say_text(handle console, string text, cap_error *failure) {
    line what = {0};
    put_string(&what, text);
    return say(console, &what, failure);
}

static bool say_count(handle console, string before, size_t count, cap_error *failure) {
    line what = {0};
    put_string(&what, before);
    put_number(&what, count);
    return say(console, &what, failure);
}

// ---- the program

static bool look_up(handle console, handle fruit, string key, cap_error *failure) {
    lookup_result got;
    bucket_get(fruit, key.at, key.length, &got);
    TRY(got);
    line what = {0};
    put_string(&what, key);
    if (got.ok.is_found) {
        put_string(&what, TEXT(" is "));
        put(&what, got.ok.found.value.at, got.ok.found.value.length);
        put_string(&what, TEXT(", "));
        put_number(&what, got.ok.found.meta.size);
        put_string(&what, TEXT(" bytes"));
    } else {
        put_string(&what, TEXT(" is missing"));
    }
    return say(console, &what, failure);
}

// Writes, reads, deletes and nests.
static bool write_fruit(handle console, handle fruit, cap_error *failure) {
    static const struct { string key, value; } FRUIT[] = {
        {{"apple", 5}, {"red", 3}}, {{"pear", 4}, {"green", 5}}, {{"plum", 4}, {"blue", 4}}};
    static uint8_t OVER_THE_LIMIT[1024 * 1024 + 1];  // not const, so that the zeros are not in the file

    number_result version;
    for (size_t i = 0; i < sizeof FRUIT / sizeof *FRUIT; i++) {
        bucket_set(fruit, FRUIT[i].key.at, FRUIT[i].key.length, FRUIT[i].value.at, FRUIT[i].value.length, &version);
        TRY(version);
    }

    CALL(look_up(console, fruit, TEXT("apple"), failure));
    CALL(look_up(console, fruit, TEXT("durian"), failure));

    bucket_set(fruit, "melon", 5, OVER_THE_LIMIT, sizeof OVER_THE_LIMIT, &version);
    if (!version.failed || version.error.kind != OVERLOADED) TRY(version);
    else CALL(say_text(console, TEXT("melon is too large"), failure));

    for (int i = 0; i < 2; i++) {
        byte_result existed;
        bucket_delete(fruit, "plum", 4, &existed);
        TRY(existed);
        CALL(say_text(console, existed.ok ? TEXT("plum deleted") : TEXT("plum was gone"), failure));
    }

    handle_result sub;
    bucket_open_sub(fruit, "citrus", 6, &sub);
    TRY(sub);
    OWNED(bucket) citrus = sub.ok;
    bucket_set(citrus, "lemon", 5, "yellow", 6, &version);
    TRY(version);
    entries_result in_citrus;
    bucket_list(citrus, "", 0, &in_citrus);
    TRY(in_citrus);
    return say_count(console, TEXT("citrus holds "), in_citrus.ok.length, failure);
}

static bool list_keys(handle console, handle fruit, strings *keys, cap_error *failure) {
    entries_result listed;
    bucket_list(fruit, "", 0, &listed);
    TRY(listed);
    string *each = cabi_realloc(NULL, 0, _Alignof(string), listed.ok.length * sizeof(string));
    line what = {0};
    put_string(&what, TEXT("keys"));
    for (size_t i = 0; i < listed.ok.length; i++) {
        each[i] = listed.ok.at[i].key;
        put_string(&what, TEXT(" "));
        put_string(&what, each[i]);
    }
    *keys = (strings){each, listed.ok.length};
    return say(console, &what, failure);
}

// Lends the bucket to the summarizer, where there is one.
static bool summarize(handle console, handle fruit, string *summary, cap_error *failure) {
    optional_handle granted;
    get_summarizer(&granted);
    if (!granted.is_some) return say_text(console, TEXT("no summarizer"), failure);

    OWNED(summarizer) summarizer = granted.some;
    string_result told;
    summarizer_summarize(summarizer, fruit, &told);
    TRY(told);
    *summary = told.ok;
    line what = {0};
    put_string(&what, TEXT("summary "));
    put_string(&what, *summary);
    return say(console, &what, failure);
}

static bool run(report *done, cap_error *failure) {
    OWNED(console) console = get_console();
    OWNED(store) store = get_store();

    byte_result durability;
    store_durability(store, &durability);
    TRY(durability);
    CALL(say_text(console, durability.ok == MEMORY ? TEXT("stored in memory") : TEXT("stored on disk"), failure));

    handle_result opened;
    store_open(store, "fruit", 5, &opened);
    TRY(opened);
    OWNED(bucket) fruit = opened.ok;
    bucket_watch(fruit, &opened);
    TRY(opened);
    OWNED(cursor) cursor = opened.ok;

    CALL(write_fruit(console, fruit, failure));
    CALL(list_keys(console, fruit, &done->keys, failure));

    changes_result seen;
    cursor_next(cursor, 100, &seen);
    TRY(seen);
    done->changes = (uint32_t)seen.ok.length;
    CALL(say_count(console, TEXT("changes "), done->changes, failure));

    return summarize(console, fruit, &done->summary, failure);
}

// ---- exports: the resource `runner`. It has no state, so any number stands for it.

IMPORT("[export]" RUNNER, "[resource-new]runner") handle runner_new(int32_t rep);

EXPORT(RUNNER "#[constructor]runner") handle runner_constructor(void) { return runner_new(1); }

EXPORT(RUNNER "#[method]runner.run") report_result *runner_run(int32_t rep) {
    (void)rep;
    static report_result result;
    report done = {0};
    cap_error failure;
    if (run(&done, &failure)) result = (report_result){.failed = false, .ok = done};
    else result = (report_result){.failed = true, .error = failure};
    return &result;
}

EXPORT("cabi_post_" RUNNER "#[method]runner.run") void runner_run_returned(const report_result *result) {
    (void)result;
    heap_end = 0;
}
