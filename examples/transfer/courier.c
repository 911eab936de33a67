// The guest of world `courier`: takes a parcel over, and gives it to the recipient.
//
//     capwit build examples/transfer/courier.c --wit build/transfer/wit --world courier -o build/courier.wasm
//
// A handle is a number. The one that comes in is owned, and so is what `recipient_accept` is given: after that
// call the number is worth nothing here. examples/kv/guest.c tells more of how C meets a component's functions.

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))
#define EXPORT(name) __attribute__((export_name(name)))

#define POST "demo:post/post@0.1.0"
#define COURIER "demo:post/courier-exports-courier@0.1.0"

typedef int32_t handle;
typedef struct { const char *at; size_t length; } string;
typedef struct { uint8_t failed; union { string ok; struct { uint8_t kind; string reason; } error; }; } answer;

IMPORT("demo:post/courier-grants@0.1.0", "get-recipient") handle get_recipient(void);
IMPORT(POST, "[method]recipient.accept") void recipient_accept(handle, handle parcel, answer *);
IMPORT(POST, "[method]recipient.look") void recipient_look(handle, answer *);
IMPORT("[export]" COURIER, "[resource-new]courier") handle courier_new(int32_t);

static handle recipient;  // it is asked for once: each `get-recipient` is another handle

EXPORT(COURIER "#[constructor]courier") handle courier_constructor(void) {
    recipient = get_recipient();
    return courier_new(1);
}

EXPORT(COURIER "#[method]courier.deliver") answer *courier_deliver(int32_t self, handle parcel) {
    (void)self;
    static answer told;
    recipient_accept(recipient, parcel, &told);
    return &told;
}

EXPORT(COURIER "#[method]courier.inquire") answer *courier_inquire(int32_t self) {
    (void)self;
    static answer told;
    recipient_look(recipient, &told);
    return &told;
}

// Where the host puts the strings it passes in. They are not freed: a courier runs two errands.
EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size) {
    (void)old_size, (void)align;
    void *at = realloc(old, new_size ? new_size : 1);
    if (!at) __builtin_trap();
    return at;
}
