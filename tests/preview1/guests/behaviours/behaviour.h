// What the behaviours share. Each begins with an empty directory at descriptor 3, and checks every call against
// the errno that it must have; the first that has another ends the program, and says where.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

enum { ROOT = 3 };
enum { CREAT = __WASI_OFLAGS_CREAT, DIRECTORY = __WASI_OFLAGS_DIRECTORY };
enum { EXCL = __WASI_OFLAGS_EXCL, TRUNC = __WASI_OFLAGS_TRUNC };
enum { FOLLOW = __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, APPEND = __WASI_FDFLAGS_APPEND };
#define READ __WASI_RIGHTS_FD_READ
#define WRITE __WASI_RIGHTS_FD_WRITE
#define RIGHTS ((__wasi_rights_t)0x0fe001ff)  // all that a file has

void add_behaviour(const char *name, void (*run)(void));
void stop(const char *file, int line, const char *what);
void expect(const char *file, int line, const char *call, int got, int wanted);

#define BEHAVIOUR(name)                                                                               \
  static void name(void);                                                                             \
  __attribute__((constructor)) static void add_##name(void) { add_behaviour(#name, name); }           \
  static void name(void)
#define REQUIRE(condition) ((condition) ? (void)0 : stop(__FILE__, __LINE__, #condition))
#define IS(errno, call) expect(__FILE__, __LINE__, #call, call, __WASI_ERRNO_##errno)
#define OK(call) IS(SUCCESS, call)
#define OPENS(errno, dir, path, oflags, rights)                                                        \
  expect(__FILE__, __LINE__, "path_open " path, open_with(dir, 0, path, oflags, rights, 0, &(__wasi_fd_t){0}), \
         __WASI_ERRNO_##errno)

// Opening: with all that may be done to a file, or as told.
__wasi_errno_t open_with(__wasi_fd_t dir, int lookup, const char *path, int oflags, __wasi_rights_t rights,
                         int flags, __wasi_fd_t *fd);
__wasi_fd_t opened(const char *path, int oflags);
__wasi_fd_t opened_folder(const char *path);
void make_file(const char *path, const char *content);
void make_folder(const char *path);

// Whole texts, in one vector.
__wasi_errno_t put(__wasi_fd_t fd, const char *text);
__wasi_errno_t put_at(__wasi_fd_t fd, const char *text, uint64_t offset);
int holds(__wasi_fd_t fd, uint64_t offset, const char *text);
size_t got(__wasi_fd_t fd, char *buffer, size_t size);

__wasi_filestat_t stat_of(__wasi_fd_t fd);
__wasi_filestat_t stat_at(const char *path, int lookup);
uint64_t position(__wasi_fd_t fd);
