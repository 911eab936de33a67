// What each language does with its grants: a store, its buckets, and a component that they are lent to.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"  // by wit-bindgen, from the WIT that `capwit generate` makes of kv.capnp

typedef demo_kv_kv_borrow_bucket_t bucket;
typedef demo_kv_kv_cap_error_t cap_error;
typedef exports_demo_kv_app_exports_runner_report_t report;

// A failed call ends the function it stands in; what it owns is dropped there, by CLEANUP.
#define TRY(call) do { if (!(call)) return false; } while (0)
#define CLEANUP(drop) __attribute__((cleanup(drop)))
static void drop_console(capwit_caps_standard_own_console_t *own) { capwit_caps_standard_console_drop_own(*own); }
static void drop_store(demo_kv_kv_own_store_t *own) { demo_kv_kv_store_drop_own(*own); }
static void drop_bucket(demo_kv_kv_own_bucket_t *own) { demo_kv_kv_bucket_drop_own(*own); }
static void drop_summarizer(demo_kv_kv_own_summarizer_t *own) { demo_kv_kv_summarizer_drop_own(*own); }

static app_string_t text(const char *of) { return (app_string_t){(uint8_t *)of, strlen(of)}; }

static bool set(bucket to, const char *key, const void *value, size_t size, cap_error *error) {
  app_string_t name = text(key);
  app_list_u8_t bytes = {(uint8_t *)value, size};
  uint64_t version;
  return demo_kv_kv_method_bucket_set(to, &name, &bytes, &version, error);
}

static bool say(capwit_caps_standard_borrow_console_t console, cap_error *error, const char *format, app_string_t what) {
  char line[200];
  int length = snprintf(line, sizeof line, format, (int)what.len, (const char *)what.ptr);
  app_list_u8_t bytes = {(uint8_t *)line, (size_t)length};
  return capwit_caps_standard_method_console_write(console, &bytes, error);
}

static bool run(report *told, cap_error *error) {
  CLEANUP(drop_console) capwit_caps_standard_own_console_t own_console = demo_kv_app_grants_get_console();
  CLEANUP(drop_store) demo_kv_kv_own_store_t own_store = demo_kv_app_grants_get_store();
  capwit_caps_standard_borrow_console_t console = capwit_caps_standard_borrow_console(own_console);
  demo_kv_kv_borrow_store_t store = demo_kv_kv_borrow_store(own_store);

  demo_kv_kv_durability_t durability;
  TRY(demo_kv_kv_method_store_durability(store, &durability, error));
  TRY(say(console, error, "stored %.*s\n", text(durability == DEMO_KV_KV_DURABILITY_MEMORY ? "in memory" : "on disk")));

  app_string_t name = text("fruit");
  demo_kv_kv_own_bucket_t opened;
  TRY(demo_kv_kv_method_store_open(store, &name, &opened, error));
  CLEANUP(drop_bucket) demo_kv_kv_own_bucket_t own_fruit = opened;
  bucket fruit = demo_kv_kv_borrow_bucket(own_fruit);
  TRY(set(fruit, "apple", "red", 3, error));

  name = text("apple");
  demo_kv_kv_lookup_t lookup;
  TRY(demo_kv_kv_method_bucket_get(fruit, &name, &lookup, error));
  if (lookup.tag == DEMO_KV_KV_LOOKUP_FOUND) {
    app_string_t value = {lookup.val.found.value.ptr, lookup.val.found.value.len};
    TRY(say(console, error, "apple is %.*s\n", value));
  }
  demo_kv_kv_lookup_free(&lookup);

  static char large[1024 * 1024 + 1];
  if (!set(fruit, "melon", large, sizeof large, error)) {
    if (error->kind != CAPWIT_BRIDGE_ERRORS_ERROR_KIND_OVERLOADED) return false;
    demo_kv_kv_cap_error_free(error);
    TRY(say(console, error, "melon is %.*s\n", text("too large")));
  }

  // A bucket of its own: none of its keys are the fruit bucket's.
  name = text("citrus");
  TRY(demo_kv_kv_method_bucket_open_sub(fruit, &name, &opened, error));
  CLEANUP(drop_bucket) demo_kv_kv_own_bucket_t own_citrus = opened;
  bucket citrus = demo_kv_kv_borrow_bucket(own_citrus);
  TRY(set(citrus, "lemon", "yellow", 6, error));
  app_string_t all = text("");
  demo_kv_kv_list_entry_t entries;
  TRY(demo_kv_kv_method_bucket_list(citrus, &all, &entries, error));
  for (size_t i = 0; i < entries.len; i++) TRY(say(console, error, "citrus holds %.*s\n", entries.ptr[i].key));
  demo_kv_kv_list_entry_free(&entries);

  // The bucket is lent: the summarizer can use it until it answers.
  demo_kv_kv_own_summarizer_t granted;
  if (demo_kv_app_grants_get_summarizer(&granted)) {
    CLEANUP(drop_summarizer) demo_kv_kv_own_summarizer_t summarizer = granted;
    demo_kv_kv_borrow_summarizer_t lender = demo_kv_kv_borrow_summarizer(summarizer);
    TRY(demo_kv_kv_method_summarizer_summarize(lender, fruit, &told->summary, error));
    TRY(say(console, error, "summary %.*s\n", told->summary));
  }

  TRY(demo_kv_kv_method_bucket_list(fruit, &all, &entries, error));
  told->keys = (app_list_string_t){calloc(entries.len, sizeof(app_string_t)), entries.len};
  for (size_t i = 0; i < entries.len; i++)
    app_string_dup_n(&told->keys.ptr[i], (const char *)entries.ptr[i].key.ptr, entries.ptr[i].key.len);
  demo_kv_kv_list_entry_free(&entries);
  return true;
}

// ---- the resource that the world exports, which has no state

struct exports_demo_kv_app_exports_runner_runner_t { char none; };

exports_demo_kv_app_exports_runner_own_runner_t exports_demo_kv_app_exports_runner_constructor_runner(void) {
  return exports_demo_kv_app_exports_runner_runner_new(calloc(1, 1));
}

void exports_demo_kv_app_exports_runner_runner_destructor(exports_demo_kv_app_exports_runner_runner_t *rep) { free(rep); }

bool exports_demo_kv_app_exports_runner_method_runner_run(
    exports_demo_kv_app_exports_runner_borrow_runner_t self, report *ret, cap_error *err) {
  (void)self;
  *ret = (report){0};
  return run(ret, err);
}
