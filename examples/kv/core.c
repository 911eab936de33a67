// The key-value store from an ordinary wasip1 program: a core module, no component.
//
//     zig cc --target=wasm32-wasi -Os examples/kv/core.c -o build/core.wasm
//     capwit run examples/kv/core.toml
//
// The interfaces are imported as the canonical ABI lowers them, so that what is declared here would do for a
// component as well. A handle is a number among the program's file descriptors: `close` drops it.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))
#define KV "demo:kv/kv@0.1.0"
#define GRANTS "demo:kv/app-grants@0.1.0"

typedef int handle;
typedef struct { const char *at; size_t length; } string;
typedef struct { uint8_t kind; string reason; } cap_error;
#define RESULT(of) struct { uint8_t failed; union { of ok; cap_error error; }; }

typedef RESULT(handle) handle_result;
typedef RESULT(uint64_t) number_result;
typedef RESULT(string) string_result;
typedef struct {
    uint8_t is_found;
    struct { string key, value; struct { uint64_t version; uint32_t size; } meta; } found;
} lookup;
typedef RESULT(lookup) lookup_result;
typedef struct { uint8_t is_some; handle some; } optional_handle;

IMPORT(GRANTS, "get-store") handle get_store(void);
IMPORT(GRANTS, "get-summarizer") void get_summarizer(optional_handle *);
IMPORT(KV, "[method]store.open") void store_open(handle, const char *, size_t, handle_result *);
IMPORT(KV, "[resource-drop]store") void store_drop(handle);
IMPORT(KV, "[method]bucket.get") void bucket_get(handle, const char *, size_t, lookup_result *);
IMPORT(KV, "[method]bucket.set")
void bucket_set(handle, const char *, size_t, const void *, size_t, number_result *);
IMPORT(KV, "[method]bucket.open-sub") void bucket_open_sub(handle, const char *, size_t, handle_result *);
IMPORT(KV, "[method]summarizer.summarize") void summarizer_summarize(handle, handle, string_result *);

// Where the host puts what it returns: it is ours to free.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
    (void)old_size, (void)align;
    return realloc(old, size ? size : 1);
}

#define CHECK(result) do if ((result).failed) { \
    printf("%.*s\n", (int)(result).error.reason.length, (result).error.reason.at); return 1; } while (0)

int main(void) {
    handle store = get_store();
    handle_result opened;
    store_open(store, "fruit", 5, &opened);
    CHECK(opened);
    handle fruit = opened.ok;
    printf("the store is descriptor %d, the bucket %d\n", store, fruit);
    store_drop(store);  // the bucket stays

    bucket_open_sub(fruit, "citrus", 6, &opened);
    CHECK(opened);
    handle citrus = opened.ok;
    number_result version;
    bucket_set(citrus, "lemon", 5, "yellow", 6, &version);
    CHECK(version);
    lookup_result got;
    bucket_get(citrus, "lemon", 5, &got);
    CHECK(got);
    printf("lemon is %.*s, version %llu\n", (int)got.ok.found.value.length, got.ok.found.value.at,
           (unsigned long long)got.ok.found.meta.version);

    optional_handle granted;
    get_summarizer(&granted);
    if (granted.is_some) {  // another component, which is lent the bucket for a call
        string_result told;
        summarizer_summarize(granted.some, citrus, &told);
        CHECK(told);
        printf("summary %.*s\n", (int)told.ok.length, told.ok.at);
        close(granted.some);
    }
    return close(citrus) || close(fruit);
}
