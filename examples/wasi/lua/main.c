// An interpreter around Lua's library: `lua SCRIPT [ARGS]`, or a script on standard input.
#include <stdio.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

// What setjmp and longjmp throw; compilers leave it to whoever links.
__asm__(".globl __c_longjmp\n.tagtype __c_longjmp i32\n__c_longjmp:\n");

// WASI has neither.
FILE *tmpfile(void) { return 0; }
int system(const char *command) { return command ? -1 : 0; }

static int traceback(lua_State *L) {
  luaL_traceback(L, L, lua_tostring(L, 1), 1);
  return 1;
}

static int run(lua_State *L) {
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  luaL_openlibs(L);
  lua_newtable(L);
  for (int i = 1; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i - 1);
  }
  lua_setglobal(L, "arg");
  lua_pushcfunction(L, traceback);
  if (luaL_loadfile(L, argc > 1 ? argv[1] : NULL)) return lua_error(L);
  if (lua_pcall(L, 0, 0, -2)) return lua_error(L);
  return 0;
}

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  if (!L) return 1;
  lua_pushcfunction(L, run);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int failed = lua_pcall(L, 2, 0, 0);
  if (failed) fprintf(stderr, "lua: %s\n", lua_tostring(L, -1));
  lua_close(L);
  return failed ? 1 : 0;
}
