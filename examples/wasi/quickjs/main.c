// An interpreter around QuickJS's library: `quickjs SCRIPT [ARGS]`. The script is a module, which may import
// `qjs:std` and `qjs:os`; `crypto.getRandomValues` fills up to 256 bytes.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "quickjs-libc.h"
#include "quickjs.h"

static JSValue random_values(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  size_t size;
  uint8_t *bytes = JS_GetUint8Array(ctx, &size, argv[0]);
  if (!bytes) return JS_EXCEPTION;
  if (getentropy(bytes, size)) return JS_ThrowInternalError(ctx, "getRandomValues: %s", strerror(errno));
  return JS_DupValue(ctx, argv[0]);
}

static void add_crypto(JSContext *ctx) {
  JSValue global = JS_GetGlobalObject(ctx), crypto = JS_NewObject(ctx);
  JS_SetPropertyStr(ctx, crypto, "getRandomValues", JS_NewCFunction(ctx, random_values, "getRandomValues", 1));
  JS_SetPropertyStr(ctx, global, "crypto", crypto);
  JS_FreeValue(ctx, global);
}

static int run(JSContext *ctx, const char *path) {
  size_t length;
  char *script = (char *)js_load_file(ctx, &length, path);
  if (!script) {
    perror(path);
    return 1;
  }
  JSValue done = JS_Eval(ctx, script, length, path, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
  js_free(ctx, script);
  if (!JS_IsException(done)) {
    js_module_set_import_meta(ctx, done, true, true);
    done = js_std_await(ctx, JS_EvalFunction(ctx, done));
  }
  // Timers and promises that the script has left are waited for.
  int failed = JS_IsException(done) || js_std_loop(ctx);
  JS_FreeValue(ctx, done);
  if (failed) js_std_dump_error(ctx);
  return failed;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: quickjs SCRIPT [ARGS]\n");
    return 2;
  }
  JSRuntime *rt = JS_NewRuntime();
  if (!rt) return 1;
  js_std_init_handlers(rt);
  JS_SetModuleLoaderFunc2(rt, NULL, js_module_loader, js_module_check_attributes, NULL);
  JS_SetHostPromiseRejectionTracker(rt, js_std_promise_rejection_tracker, NULL);
  int failed = 1;
  JSContext *ctx = JS_NewContext(rt);
  if (ctx) {
    js_init_module_std(ctx, "qjs:std");
    js_init_module_os(ctx, "qjs:os");
    add_crypto(ctx);
    js_std_add_helpers(ctx, argc - 1, argv + 1);
    failed = run(ctx, argv[1]);
  }
  js_std_free_handlers(rt);
  if (ctx) JS_FreeContext(ctx);
  JS_FreeRuntime(rt);
  return failed;
}
