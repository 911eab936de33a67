// The guest of far.capnp: it does steps, one character each, on a stack of handles, and says what came of them.
//
//   f n      push the grant `far`, `near`           c F   push a child of the top, pipelined or awaited
//   N        say the top's name                      s     say whether the two on top are the same
//   k K      keep the top at the one below; push what the top has kept
//   a        the one below asks the top for its name 0-3   the top fails so
//   w        the top waits for ever                  b W   stream 16 KiB to the top; say how much it has
//   d x      drop the top; swap the two on top
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define IMPORT(interface, name) __attribute__((import_module(interface), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define FAR "test:far/far@0.1.0"
#define GRANTS "test:far/app-grants@0.1.0"
#define RUNNER "test:far/app-exports-runner@0.1.0"

typedef int32_t handle;
typedef struct { const char *at; size_t length; } string;
typedef struct { uint8_t kind; string reason; } cap_error;
#define RESULT(of) struct { uint8_t failed; union { of ok; cap_error error; }; }
typedef RESULT(uint8_t) byte_result;
typedef RESULT(uint64_t) number_result;
typedef RESULT(handle) handle_result;
typedef RESULT(string) string_result;
typedef struct { uint8_t is_some; handle some; } optional_handle;

IMPORT(GRANTS, "get-far") handle get_far(void);
IMPORT(GRANTS, "get-near") void get_near(optional_handle *);
IMPORT(FAR, "[method]node.name") void node_name(handle, string_result *);
IMPORT(FAR, "[method]node.child") void node_child(handle, const char *, size_t, handle_result *);
IMPORT(FAR, "[method]node.find") void node_find(handle, const char *, size_t, handle_result *);
IMPORT(FAR, "[method]node.same") void node_same(handle, handle, byte_result *);
IMPORT(FAR, "[method]node.hold") void node_hold(handle, handle, byte_result *);
IMPORT(FAR, "[method]node.held") void node_held(handle, handle_result *);
IMPORT(FAR, "[method]node.ask") void node_ask(handle, handle, string_result *);
IMPORT(FAR, "[method]node.fail") void node_fail(handle, int32_t, byte_result *);
IMPORT(FAR, "[method]node.wait") void node_wait(handle, byte_result *);
IMPORT(FAR, "[method]node.write") void node_write(handle, const uint8_t *, size_t, byte_result *);
IMPORT(FAR, "[method]node.written") void node_written(handle, number_result *);
IMPORT(FAR, "[resource-drop]node") void node_drop(handle);

static char heap[1 << 18];
static size_t used;
static char said[1 << 12];
static size_t length;
static handle stack[64];
static int top = -1;
static const uint8_t block[1 << 14];

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t size, size_t align, size_t wanted) {
    used = (used + align - 1) & ~(align - 1);
    void *at = heap + used;
    used += wanted;
    if (used > sizeof heap) __builtin_trap();
    if (old) memcpy(at, old, size);
    return at;
}

static void say(const char *text, size_t size) {
    if (length) said[length++] = ' ';
    memcpy(said + length, text, size);
    length += size;
}

static int failed(uint8_t is, const cap_error *error) {
    static const char *kinds[] = {"failed", "overloaded", "disconnected", "unimplemented", "revoked", "denied"};
    if (is) say(kinds[error->kind], strlen(kinds[error->kind]));
    return is;
}

static void number(uint64_t value) {
    char digits[20];
    int at = sizeof digits;
    do digits[--at] = (char)('0' + value % 10); while (value /= 10);
    say(digits + at, sizeof digits - at);
}

static void push(handle_result *result) {
    if (!failed(result->failed, &result->error)) stack[++top] = result->ok;
}

static void step(char what) {
    string_result text;
    byte_result byte;
    number_result count;
    handle_result found;
    optional_handle near;
    switch (what) {
        case 'f': stack[++top] = get_far(); break;
        case 'n': get_near(&near); if (near.is_some) stack[++top] = near.some; break;
        case 'c': node_child(stack[top], "c", 1, &found); push(&found); break;
        case 'F': node_find(stack[top], "c", 1, &found); push(&found); break;
        case 'K': node_held(stack[top], &found); push(&found); break;
        case 'N': node_name(stack[top], &text); if (!failed(text.failed, &text.error)) say(text.ok.at, text.ok.length); break;
        case 'a': node_ask(stack[top - 1], stack[top], &text); if (!failed(text.failed, &text.error)) say(text.ok.at, text.ok.length); break;
        case 's': node_same(stack[top - 1], stack[top], &byte); if (!failed(byte.failed, &byte.error)) number(byte.ok); break;
        case 'k': node_hold(stack[top - 1], stack[top], &byte); failed(byte.failed, &byte.error); break;
        case 'w': node_wait(stack[top], &byte); failed(byte.failed, &byte.error); break;
        case 'b': node_write(stack[top], block, sizeof block, &byte); failed(byte.failed, &byte.error); break;
        case 'W': node_written(stack[top], &count); if (!failed(count.failed, &count.error)) number(count.ok); break;
        case 'x': near.some = stack[top]; stack[top] = stack[top - 1]; stack[top - 1] = near.some; break;
        case 'd': node_drop(stack[top--]); break;
        default: node_fail(stack[top], what - '0', &byte); failed(byte.failed, &byte.error);
    }
}

IMPORT("[export]" RUNNER, "[resource-new]runner") handle runner_new(int32_t rep);

EXPORT(RUNNER "#[constructor]runner") handle constructor(void) { return runner_new(1); }

EXPORT(RUNNER "#[method]runner.run") string_result *run(handle self, const char *steps, size_t size) {
    static string_result result;
    char own[256];
    memcpy(own, steps, size);
    length = 0;
    for (size_t i = 0; i < size; i++) {
        used = 0;
        step(own[i]);
    }
    result.failed = 0;
    result.ok = (string){said, length};
    return &result;
}
