// What each language does with its grants: a store, its buckets, and a component that they are lent to.
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app.h"  // by wit-bindgen, from the WIT that `capwit generate` makes of kv.capnp

namespace {

using CapError = demo_kv_kv_cap_error_t;

// Owns a handle, and drops it where its scope ends.
template <typename Handle, void (*drop)(Handle)>
class Owned {
 public:
  explicit Owned(Handle handle) : handle_(handle) {}
  Owned(const Owned &) = delete;
  ~Owned() { drop(handle_); }
  Handle get() const { return handle_; }

 private:
  Handle handle_;
};

app_string_t text(std::string_view of) { return {(uint8_t *)of.data(), of.size()}; }
app_list_u8_t bytes(std::string_view of) { return {(uint8_t *)of.data(), of.size()}; }
std::string string(const app_string_t &of) { return {(const char *)of.ptr, of.len}; }

// A call that has failed leaves its error in `error`, and ends what goes on by what it returns.
class Program {
 public:
  explicit Program(CapError *error) : error_(error) {}

  bool run(exports_demo_kv_app_exports_runner_report_t *told) {
    demo_kv_kv_durability_t durability;
    if (!demo_kv_kv_method_store_durability(demo_kv_kv_borrow_store(store_.get()), &durability, error_)) return false;
    if (!say(durability == DEMO_KV_KV_DURABILITY_MEMORY ? "stored in memory" : "stored on disk")) return false;

    demo_kv_kv_own_bucket_t opened;
    auto name = text("fruit");
    if (!demo_kv_kv_method_store_open(demo_kv_kv_borrow_store(store_.get()), &name, &opened, error_)) return false;
    const Bucket fruit(opened);
    return write(fruit) && nest(fruit) && lend(fruit, told) && keys(fruit, told);
  }

 private:
  using Console = Owned<capwit_caps_standard_own_console_t, capwit_caps_standard_console_drop_own>;
  using Store = Owned<demo_kv_kv_own_store_t, demo_kv_kv_store_drop_own>;
  using Bucket = Owned<demo_kv_kv_own_bucket_t, demo_kv_kv_bucket_drop_own>;
  using Summarizer = Owned<demo_kv_kv_own_summarizer_t, demo_kv_kv_summarizer_drop_own>;

  bool say(std::string line) {
    line += '\n';
    auto data = bytes(line);
    return capwit_caps_standard_method_console_write(capwit_caps_standard_borrow_console(console_.get()), &data, error_);
  }

  bool set(const Bucket &bucket, std::string_view key, std::string_view value) {
    auto name = text(key);
    auto data = bytes(value);
    uint64_t version;
    return demo_kv_kv_method_bucket_set(demo_kv_kv_borrow_bucket(bucket.get()), &name, &data, &version, error_);
  }

  std::optional<std::vector<std::string>> list(const Bucket &bucket) {
    auto prefix = text("");
    demo_kv_kv_list_entry_t entries;
    if (!demo_kv_kv_method_bucket_list(demo_kv_kv_borrow_bucket(bucket.get()), &prefix, &entries, error_)) return {};
    std::vector<std::string> found;
    for (size_t i = 0; i < entries.len; i++) found.push_back(string(entries.ptr[i].key));
    demo_kv_kv_list_entry_free(&entries);
    return found;
  }

  bool write(const Bucket &fruit) {
    if (!set(fruit, "apple", "red")) return false;
    auto name = text("apple");
    demo_kv_kv_lookup_t lookup;
    if (!demo_kv_kv_method_bucket_get(demo_kv_kv_borrow_bucket(fruit.get()), &name, &lookup, error_)) return false;
    const auto &value = lookup.val.found.value;
    std::string line = "apple is missing";
    if (lookup.tag == DEMO_KV_KV_LOOKUP_FOUND) line = "apple is " + std::string((const char *)value.ptr, value.len);
    demo_kv_kv_lookup_free(&lookup);
    if (!say(line)) return false;

    if (set(fruit, "melon", std::string(1024 * 1024 + 1, ' '))) return true;
    if (error_->kind != CAPWIT_BRIDGE_ERRORS_ERROR_KIND_OVERLOADED) return false;
    demo_kv_kv_cap_error_free(error_);
    return say("melon is too large");
  }

  // A bucket of its own: none of its keys are the fruit bucket's.
  bool nest(const Bucket &fruit) {
    auto name = text("citrus");
    demo_kv_kv_own_bucket_t opened;
    if (!demo_kv_kv_method_bucket_open_sub(demo_kv_kv_borrow_bucket(fruit.get()), &name, &opened, error_)) return false;
    const Bucket citrus(opened);
    if (!set(citrus, "lemon", "yellow")) return false;
    auto held = list(citrus);
    if (!held) return false;
    for (const auto &key : *held)
      if (!say("citrus holds " + key)) return false;
    return true;
  }

  // The bucket is lent: the summarizer can use it until it answers.
  bool lend(const Bucket &fruit, exports_demo_kv_app_exports_runner_report_t *told) {
    demo_kv_kv_own_summarizer_t granted;
    if (!demo_kv_app_grants_get_summarizer(&granted)) return true;
    const Summarizer summarizer(granted);
    auto lender = demo_kv_kv_borrow_summarizer(summarizer.get());
    auto bucket = demo_kv_kv_borrow_bucket(fruit.get());
    if (!demo_kv_kv_method_summarizer_summarize(lender, bucket, &told->summary, error_)) return false;
    return say("summary " + string(told->summary));
  }

  bool keys(const Bucket &fruit, exports_demo_kv_app_exports_runner_report_t *told) {
    auto held = list(fruit);
    if (!held) return false;
    told->keys = {(app_string_t *)std::calloc(held->size(), sizeof(app_string_t)), held->size()};
    for (size_t i = 0; i < held->size(); i++) app_string_dup(&told->keys.ptr[i], (*held)[i].c_str());
    return true;
  }

  CapError *error_;
  const Console console_{demo_kv_app_grants_get_console()};
  const Store store_{demo_kv_app_grants_get_store()};
};

}  // namespace

// ---- the resource that the world exports, which has no state

struct exports_demo_kv_app_exports_runner_runner_t {};

exports_demo_kv_app_exports_runner_own_runner_t exports_demo_kv_app_exports_runner_constructor_runner() {
  return exports_demo_kv_app_exports_runner_runner_new(new exports_demo_kv_app_exports_runner_runner_t);
}

void exports_demo_kv_app_exports_runner_runner_destructor(exports_demo_kv_app_exports_runner_runner_t *rep) {
  delete rep;
}

bool exports_demo_kv_app_exports_runner_method_runner_run(
    exports_demo_kv_app_exports_runner_borrow_runner_t, exports_demo_kv_app_exports_runner_report_t *ret, CapError *err) {
  *ret = {};
  return Program(err).run(ret);
}
