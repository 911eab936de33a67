// A party of parcel.capnp, in C: what party.py is in Python. Handles are numbers here, so that it can also do
// what a guest must not.
//
// What is on the pile is owned. Strings and lists are not freed: a party lives for one test.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))
#define EXPORT(name) __attribute__((export_name(name)))
#define PARCEL "test:parcel/parcel@0.1.0"
#define GRANTS "test:parcel/party-grants@0.1.0"
#define OWN_PARCEL "test:parcel/party-exports-parcel@0.1.0"
#define PARTY "test:parcel/party-exports-party@0.1.0"

typedef int32_t handle;

// ---- types, as the WIT has them

typedef struct { const char *at; size_t length; } string;
typedef struct { const handle *at; size_t length; } handles;
typedef struct { const string *at; size_t length; } strings;
typedef struct { uint8_t is_some; handle some; } optional;
enum wrapping { NONE, GIFT, BUNDLE };
typedef struct { uint8_t which; union { optional gift; handles bundle; }; } wrapping;
typedef struct { string label; handle first; optional spare; handles rest; wrapping wrapping; } crate;
typedef struct { uint8_t kind; string reason; } cap_error;

#define RESULT(name, of) typedef struct { uint8_t failed; union { of ok; cap_error error; }; } name
RESULT(bool_result, uint8_t);  // also for no value at all
RESULT(handle_result, handle);
RESULT(string_result, string);
RESULT(strings_result, strings);
RESULT(crate_result, crate);

// ---- imports

IMPORT(GRANTS, "get-desk") handle get_desk(void);
IMPORT(GRANTS, "get-peer") void get_peer(optional *);
IMPORT(PARCEL, "[resource-drop]desk") void desk_drop(handle);
IMPORT(PARCEL, "[resource-drop]parcel") void parcel_drop(handle);
IMPORT(PARCEL, "[resource-drop]party") void party_drop(handle);
IMPORT(PARCEL, "[method]desk.make") void desk_make(handle, const char *, size_t, handle_result *);
IMPORT(PARCEL, "[method]desk.tell") void desk_tell(handle, const char *, size_t, bool_result *);
IMPORT(PARCEL, "[method]parcel.label") void parcel_label(handle, string_result *);
IMPORT(PARCEL, "[method]party.take") void party_take(handle, handle, string_result *);
IMPORT(PARCEL, "[method]party.look") void party_look(handle, handle, string_result *);
IMPORT(PARCEL, "[method]party.pair") void party_pair(handle, handle, handle, bool_result *);
IMPORT(PARCEL, "[method]party.spill") void party_spill(handle, handle, bool_result *);
IMPORT(PARCEL, "[method]party.unpack")
void party_unpack(handle, const char *, size_t, handle, int32_t, handle, const handle *, size_t, int32_t, int32_t,
                  int32_t, strings_result *);
IMPORT("[export]" OWN_PARCEL, "[resource-new]parcel") handle own_parcel_new(int32_t);
IMPORT("[export]" PARTY, "[resource-new]party") handle own_party_new(int32_t);

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size) {
    (void)old_size, (void)align;
    void *at = realloc(old, new_size ? new_size : 1);
    if (!at) __builtin_trap();
    return at;
}

// ---- the pile

static handle pile[256];
static size_t held = 0;
static handle given, lent;

static void push(handle parcel) {
    if (held == sizeof pile / sizeof *pile) __builtin_trap();
    pile[held++] = parcel;
}

static handle top(void) {
    if (!held) __builtin_trap();
    return pile[held - 1];
}

static handle pop(void) {
    given = top();
    held--;
    return given;
}

static handle peer(void) {
    optional found;
    get_peer(&found);
    if (!found.is_some) __builtin_trap();
    return found.some;
}

// One in each place, from the bottom of the pile.
static crate pack(void) {
    if (!held) __builtin_trap();
    crate packed = {{"crate", 5}, pile[0], {0}, {pile + 2, held > 2}, {NONE}};
    if (held > 1) packed.spare = (optional){1, pile[1]};
    if (held == 4) packed.wrapping = (wrapping){.which = GIFT, .gift = {1, pile[3]}};
    if (held > 4) packed.wrapping = (wrapping){.which = BUNDLE, .bundle = {pile + 3, held - 3}};
    given = pile[0];
    held = 0;
    return packed;
}

static void send(const crate *crate, strings_result *told) {
    const wrapping *w = &crate->wrapping;
    const int32_t first = w->which == GIFT ? w->gift.is_some : w->which == BUNDLE ? (int32_t)w->bundle.at : 0;
    const int32_t second = w->which == GIFT ? w->gift.some : w->which == BUNDLE ? (int32_t)w->bundle.length : 0;
    const handle to = peer();
    party_unpack(to, crate->label.at, crate->label.length, crate->first, crate->spare.is_some, crate->spare.some,
                 crate->rest.at, crate->rest.length, w->which, first, second, told);
    party_drop(to);
}

// ---- exports: a party

#define METHOD(type, name, ...) EXPORT(PARTY "#[method]party." #name) type *own_party_##name(int32_t self, ##__VA_ARGS__)

EXPORT(PARTY "#[constructor]party") handle own_party_constructor(void) { return own_party_new(1); }

METHOD(bool_result, make, const char *label, size_t length) {
    static bool_result result;
    handle_result made;
    const handle desk = get_desk();
    desk_make(desk, label, length, &made);
    desk_drop(desk);
    if (made.failed) result = (bool_result){.failed = true, .error = made.error};
    else push(made.ok), result = (bool_result){0};
    return &result;
}

METHOD(string_result, label) {
    static string_result result;
    parcel_label(top(), &result);
    return &result;
}

METHOD(handle_result, give) {
    static handle_result result;
    result = (handle_result){.ok = pop()};
    return &result;
}

METHOD(string_result, take, handle parcel) {
    static string_result result;
    push(parcel);
    parcel_label(parcel, &result);
    return &result;
}

METHOD(string_result, look, handle parcel) {
    static string_result result;
    parcel_label(parcel, &result);
    parcel_drop(parcel);
    return &result;
}

METHOD(bool_result, keep, handle parcel) {
    static bool_result result;
    lent = parcel;
    return &result;
}

METHOD(string_result, kept) {
    static string_result result;
    parcel_label(lent, &result);
    return &result;
}

METHOD(crate_result, pack) {
    static crate_result result;
    result = (crate_result){.ok = pack()};
    return &result;
}

METHOD(strings_result, unpack, const char *label, size_t length, handle first, int32_t has_spare, handle spare,
       const handle *rest, size_t many, int32_t which, int32_t one, int32_t two) {
    (void)label, (void)length;
    const size_t before = held;
    push(first);
    if (has_spare) push(spare);
    for (size_t i = 0; i < many; i++) push(rest[i]);
    if (which == GIFT && one) push(two);
    if (which == BUNDLE)
        for (int32_t i = 0; i < two; i++) push(((const handle *)one)[i]);

    string *labels = calloc(held - before, sizeof *labels);
    static strings_result result;
    result = (strings_result){.ok = {labels, held - before}};
    for (size_t i = before; i < held; i++) {
        string_result read;
        parcel_label(pile[i], &read);
        if (read.failed) {
            result = (strings_result){.failed = true, .error = read.error};
            break;
        }
        labels[i - before] = read.ok;
    }
    return &result;
}

METHOD(bool_result, drop) {
    static bool_result result;
    parcel_drop(pop());
    return &result;
}

METHOD(bool_result, pair, handle borrowed, handle owned) {
    static bool_result result;
    parcel_drop(borrowed);
    push(owned);
    return &result;
}

METHOD(bool_result, spill, handle parcel) {
    push(parcel);
    __builtin_trap();
}

METHOD(string_result, hand) {
    static string_result result;
    const handle to = peer();
    party_take(to, pop(), &result);
    party_drop(to);
    return &result;
}

METHOD(strings_result, ship) {
    static strings_result result;
    const crate packed = pack();
    send(&packed, &result);
    return &result;
}

METHOD(string_result, lend) {
    static string_result result;
    const handle to = peer();
    party_look(to, top(), &result);
    party_drop(to);
    return &result;
}

METHOD(bool_result, fling) {
    static bool_result result;
    bool_result ignored;
    const handle to = peer();
    party_spill(to, pop(), &ignored);
    party_drop(to);
    return &result;
}

METHOD(string_result, again) {
    static string_result result;
    parcel_label(given, &result);
    return &result;
}

METHOD(strings_result, twice) {
    static strings_result result;
    static handle same;
    same = pop();
    const crate packed = {{"twice", 5}, same, {0}, {&same, 1}, {NONE}};
    send(&packed, &result);
    return &result;
}

METHOD(bool_result, both) {
    static bool_result result;
    const handle to = peer();
    party_pair(to, top(), top(), &result);
    party_drop(to);
    return &result;
}

METHOD(handle_result, regive, handle parcel) {
    static handle_result result;
    result = (handle_result){.ok = parcel};
    return &result;
}

// ---- exports: parcels of its own, which tell the desk when they go

EXPORT(OWN_PARCEL "#[constructor]parcel") handle own_parcel_constructor(void) {
    static int32_t made = 0;
    return own_parcel_new(++made);
}

EXPORT(OWN_PARCEL "#[method]parcel.label") string_result *own_parcel_label(int32_t self) {
    static string_result result;
    static char label[] = "own 0";
    label[4] = (char)('0' + self);
    result = (string_result){.ok = {label, 5}};
    return &result;
}

EXPORT(OWN_PARCEL "#[method]parcel.same") bool_result *own_parcel_same(int32_t self, handle other) {
    static bool_result result;
    parcel_drop(other);  // which one it is, a party is not told
    return &result;
}

EXPORT(OWN_PARCEL "#[dtor]parcel") void own_parcel_destroyed(int32_t self) {
    char text[] = "own 0 is gone";
    text[4] = (char)('0' + self);
    bool_result told;
    const handle desk = get_desk();
    desk_tell(desk, text, sizeof text - 1, &told);
    desk_drop(desk);
}
