// The key-value store from an ordinary wasip1 program: a core module, no component.
//
//     capwit generate examples/kv/kv.capnp --out build/kv --guest c
//     zig cc --target=wasm32-wasi -Os -I build/kv/guest examples/kv/core.c -o build/core.wasm
//     capwit run examples/kv/core.toml
//
// The interfaces are imported as the canonical ABI lowers them, and the header is a component's, too. A handle is
// a number among the program's file descriptors: `close` drops it.

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app_imports.h"

// Where the host puts what it returns: it is ours to free.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
    (void)old_size, (void)align;
    return realloc(old, size ? size : 1);
}

#define CHECK(result) do if ((result).is_err) { \
    printf("%.*s\n", (int)(result).error.reason.length, (result).error.reason.at); return 1; } while (0)

int main(void) {
    handle store = get_store();
    handle_result_t opened;
    store_open(store, "fruit", 5, &opened);
    CHECK(opened);
    handle fruit = opened.ok;
    printf("the store is descriptor %d, the bucket %d\n", store, fruit);
    store_drop(store);  // the bucket stays

    bucket_open_sub(fruit, "citrus", 6, &opened);
    CHECK(opened);
    handle citrus = opened.ok;
    uint64_result_t version;
    bucket_set(citrus, "lemon", 5, (const uint8_t *)"yellow", 6, &version);
    CHECK(version);
    kv_lookup_result_t got;
    bucket_get(citrus, "lemon", 5, &got);
    CHECK(got);
    const kv_entry_t *lemon = &got.ok.found;
    printf("lemon is %.*s, version %llu\n", (int)lemon->value.length, (const char *)lemon->value.at, lemon->meta.version);

    handle_option_t granted;
    get_summarizer(&granted);
    if (granted.is_some) {  // another component, which is lent the bucket for a call
        string_result_t told;
        summarizer_summarize(granted.value, citrus, &told);
        CHECK(told);
        printf("summary %.*s\n", (int)told.ok.length, told.ok.at);
        close(granted.value);
    }
    return close(citrus) || close(fruit);
}
