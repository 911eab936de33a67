// A shop in WIT of its own, plain/shop.wit: nothing in here knows of Cap'n Proto.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define IMPORT(interface, name) __attribute__((import_module(interface), import_name(name)))
#define SHOP "demo:shop/shop@0.1.0"
#define WATCH "demo:shop/watch@0.1.0"
#define EXPORT(name) __attribute__((export_name(SHOP "#" name)))
#define AFTER(name) __attribute__((export_name("cabi_post_" SHOP "#" name)))

typedef int32_t handle;
typedef struct { const char *at; size_t length; } string;
typedef struct { uint32_t number; } basket;
typedef struct { uint8_t is_some; handle some; } optional_handle;
typedef struct { uint8_t place; handle main; optional_handle spare; } shelf;
typedef struct { handle *at; size_t length; } handles;
typedef struct { uint8_t failed; union { uint8_t color; string reason; }; } color_result;
typedef struct { uint8_t failed; union { handle ok; string reason; }; } handle_result;

IMPORT("[export]" SHOP, "[resource-new]basket") handle basket_new(basket *);
IMPORT("[export]" SHOP, "[resource-rep]basket") basket *basket_rep(handle);
IMPORT("[export]" SHOP, "[resource-drop]basket") void basket_drop(handle);
IMPORT(WATCH, "[method]watcher.seen") void watcher_seen(handle, const char *, size_t, uint32_t, int32_t,
                                                        const char *, size_t, void *);
IMPORT(WATCH, "[method]watcher.deputy") handle watcher_deputy(handle);
IMPORT(WATCH, "[resource-drop]watcher") void watcher_drop(handle);

static char heap[1 << 20] __attribute__((aligned(16)));
static size_t used;
static basket baskets[256];
static uint32_t made;
static handle kept;
static uint32_t count;

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t size, size_t align,
                                                                size_t wanted) {
    used = (used + align - 1) & ~(align - 1);
    void *at = heap + used;
    used += wanted;
    if (used > sizeof heap) __builtin_trap();
    if (old) memcpy(at, old, size);
    return at;
}

static basket *new_basket(uint32_t number) {
    for (size_t at = 0; at < 256; at++)
        if (!baskets[at].number) {
            baskets[at].number = number + 1;
            count++;
            return &baskets[at];
        }
    __builtin_trap();
}

EXPORT("[dtor]basket") void destroyed(basket *gone) {
    gone->number = 0;
    count--;
}

EXPORT("[constructor]basket") handle constructed(uint32_t number) { return basket_new(new_basket(number)); }

EXPORT("[static]basket.count") uint32_t counted(void) { return count; }

EXPORT("[static]basket.named") handle_result *named(const char *at, size_t length) {
    static handle_result result;
    static const char why[] = "it has no name";
    used = 0;
    result.failed = !length;
    if (length) result.ok = basket_new(new_basket(at[0] - '0'));
    else result.reason = (string){why, sizeof why - 1};
    return &result;
}

EXPORT("[method]basket.number") uint32_t number(basket *self) { return self->number - 1; }

EXPORT("[method]basket.merge") void merge(basket *self, handle other) {
    self->number += basket_rep(other)->number - 1;
    basket_drop(other);
}

EXPORT("[method]basket.same") int32_t same(basket *self, basket *other) { return self == other; }

EXPORT("echo") void *echo(void *stock) { return stock; }
AFTER("echo") void echoed(void *stock) { used = 0; }

EXPORT("choose") color_result *choose(int32_t color, int32_t wants, int32_t letter, int32_t paid,
                                      const char *at, size_t length) {
    static color_result result;
    result.failed = paid == 1;
    if (paid == 1) result.reason = (string){at, length};
    else result.color = (color + wants + letter + length) % 3;
    return &result;
}
AFTER("choose") void chosen(void *result) { used = 0; }

EXPORT("build") void *build(int32_t place, int32_t spare) {
    static struct { uint8_t is_some; shelf some; } result;
    result.is_some = place != 0;
    if (!place) return &result;
    result.some = (shelf){place, basket_new(new_basket(1)), {spare, 0}};
    if (spare) result.some.spare.some = basket_new(new_basket(2));
    return &result;
}

EXPORT("clear") uint32_t cleared(int32_t place, handle main, int32_t is_some, handle some) {
    uint32_t total = place + number(basket_rep(main));
    basket_drop(main);
    if (!is_some) return total;
    total += number(basket_rep(some));
    basket_drop(some);
    return total;
}

EXPORT("open") handles *opened(uint32_t wanted) {
    static handle many[256];
    static handles result = {many, 0};
    result.length = wanted;
    for (uint32_t at = 0; at < wanted; at++) many[at] = basket_new(new_basket(at));
    return &result;
}

EXPORT("total") uint32_t total(basket **all, size_t length) {
    uint32_t sum = 0;
    for (size_t at = 0; at < length; at++) sum += number(all[at]);
    used = 0;
    return sum;
}

EXPORT("keep") void keep(handle by) {
    if (kept) watcher_drop(kept);
    kept = by;
}

EXPORT("give-back") optional_handle *give_back(void) {
    static optional_handle result;
    result = (optional_handle){kept != 0, kept};
    kept = 0;
    return &result;
}

EXPORT("tell") void *tell(handle by, const char *at, size_t length, uint32_t sold) {
    static struct { uint8_t failed; union { uint8_t ok; string reason; }; } result;
    watcher_seen(by, at, length, sold, sold > 1, at, length, &result);
    watcher_drop(by);
    return &result;
}
AFTER("tell") void told(void *result) { used = 0; }

EXPORT("deputies") handles *deputies(handle *of, size_t length) {
    static handles result;
    result = (handles){of, length};
    for (size_t at = 0; at < length; at++) {
        handle lent = of[at];
        of[at] = watcher_deputy(lent);
        watcher_drop(lent);
    }
    return &result;
}
AFTER("deputies") void sent(void *result) { used = 0; }

EXPORT("fail") void fail(void) { __builtin_trap(); }
