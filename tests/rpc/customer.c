// A customer of the shop in plain/shop.wit: it imports the shop's functions, and knows no handle to call them by.
#include <stddef.h>
#include <stdint.h>

#define SHOP "demo:shop/shop@0.1.0"
#define IMPORT(name) __attribute__((import_module(SHOP), import_name(name)))

typedef int32_t handle;
typedef struct { const char *at; size_t length; } string;
typedef struct { handle *at; size_t length; } handles;
typedef struct { uint8_t failed; union { handle ok; string reason; }; } handle_result;
typedef struct { uint8_t failed; union { uint8_t color; string reason; }; } color_result;

IMPORT("[constructor]basket") handle basket_new(uint32_t number);
IMPORT("[static]basket.count") uint32_t basket_count(void);
IMPORT("[static]basket.named") void basket_named(const char *, size_t, handle_result *);
IMPORT("[method]basket.number") uint32_t basket_number(handle);
IMPORT("[method]basket.merge") void basket_merge(handle, handle other);
IMPORT("[resource-drop]basket") void basket_drop(handle);
IMPORT("choose") void choose(int32_t color, int32_t wants, int32_t letter, int32_t paid, const char *, size_t,
                             color_result *);
IMPORT("open") void open_many(uint32_t count, handles *);
IMPORT("total") uint32_t total(handle *, size_t);
IMPORT("fail") void fail(void);

static char heap[1 << 12] __attribute__((aligned(16)));
static size_t used;

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t size, size_t align,
                                                                size_t wanted) {
    used = (used + align - 1) & ~(align - 1);
    void *at = heap + used;
    used += wanted;
    if (old || used > sizeof heap) __builtin_trap();
    return at;
}

static uint32_t buy(void) {
    handle one = basket_new(1);
    handle_result two;
    basket_named("2", 1, &two);
    basket_merge(one, two.ok);
    uint32_t number = 100 * basket_count() + basket_number(one);
    basket_drop(one);
    return number;
}

static uint32_t complain(void) {
    handle_result none;
    basket_named("", 0, &none);
    color_result blue;
    choose(0, 1, 'a', 1, "much", 4, &blue);
    return none.failed * 100 + none.reason.length + blue.failed * 10 + blue.reason.length;
}

static uint32_t count_all(void) {
    handles many;
    open_many(4, &many);
    uint32_t sum = total(many.at, many.length);
    for (size_t at = 0; at < many.length; at++) basket_drop(many.at[at]);
    return sum;
}

__attribute__((export_name("visit"))) uint32_t visit(uint32_t what) {
    used = 0;
    switch (what) {
        case 0: return buy();
        case 1: return complain();
        case 2: return count_all();
        case 3: basket_new(9); return 0;
        default: fail(); return 0;
    }
}

__attribute__((export_name("run"))) uint32_t run(void) { return visit(0) + visit(1) + visit(2) + visit(3); }
