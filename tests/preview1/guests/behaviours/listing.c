// Listing a directory.
#include "behaviour.h"

typedef struct {
  char name[64];
  __wasi_dirent_t entry;
} Listed;

static __wasi_size_t used;

// The whole entries of one answer.
static size_t list(__wasi_fd_t fd, __wasi_dircookie_t cookie, size_t size, Listed *listed) {
  static uint8_t buffer[8192];
  size_t count = 0;
  OK(__wasi_fd_readdir(fd, buffer, size, cookie, &used));
  REQUIRE(used <= size);
  for (size_t at = 0; at + sizeof(__wasi_dirent_t) <= used; count++) {
    memcpy(&listed[count].entry, buffer + at, sizeof(__wasi_dirent_t));
    at += sizeof(__wasi_dirent_t);
    if (at + listed[count].entry.d_namlen > used) break;
    memcpy(listed[count].name, buffer + at, listed[count].entry.d_namlen);
    listed[count].name[listed[count].entry.d_namlen] = 0;
    at += listed[count].entry.d_namlen;
  }
  return count;
}

static Listed listed[512];

static Listed *find(size_t count, const char *name) {
  for (size_t i = 0; i < count; i++)
    if (!strcmp(listed[i].name, name)) return &listed[i];
  return 0;
}

BEHAVIOUR(an_empty_directory_lists_itself_and_its_parent) {
  size_t count = list(ROOT, 0, 8192, listed);
  REQUIRE(count == 2 && find(2, ".") && find(2, ".."));
  REQUIRE(find(2, ".")->entry.d_ino == stat_of(ROOT).ino);
  REQUIRE(find(2, ".")->entry.d_type == __WASI_FILETYPE_DIRECTORY);
  REQUIRE(find(2, "..")->entry.d_type == __WASI_FILETYPE_DIRECTORY);
}

BEHAVIOUR(entries_say_what_they_are) {
  make_file("f", "");
  make_folder("d");
  OK(__wasi_path_symlink("none", ROOT, "l"));
  size_t count = list(ROOT, 0, 8192, listed);
  REQUIRE(count == 5);
  REQUIRE(find(count, "f")->entry.d_type == __WASI_FILETYPE_REGULAR_FILE);
  REQUIRE(find(count, "d")->entry.d_type == __WASI_FILETYPE_DIRECTORY);
  REQUIRE(find(count, "l")->entry.d_type == __WASI_FILETYPE_SYMBOLIC_LINK);
  REQUIRE(find(count, "f")->entry.d_ino == stat_at("f", 0).ino);
  REQUIRE(find(count, "d")->entry.d_ino == stat_at("d", 0).ino);
  REQUIRE(find(count, "l")->entry.d_ino == stat_at("l", 0).ino);
  for (size_t i = 0; i < count; i++) {
    Listed rest[8];
    REQUIRE(list(ROOT, listed[i].entry.d_next, 8192, rest) == count - 1 - i);
    if (i + 1 < count) REQUIRE(!strcmp(rest[0].name, listed[i + 1].name));
  }
}

static void make_many(int count) {
  char name[32];
  for (int i = 0; i < count; i++) {
    snprintf(name, sizeof name, "file.%d", i);
    OK(__wasi_path_create_directory(ROOT, name));
  }
}

BEHAVIOUR(many_entries_in_parts) {
  make_many(200);
  size_t total = 0;
  __wasi_dircookie_t cookie = 0;
  for (;;) {
    size_t count = list(ROOT, cookie, 256, listed);
    total += count;
    if (used < 256) break;
    cookie = listed[count - 1].entry.d_next;
  }
  REQUIRE(total == 202);
}

BEHAVIOUR(cookies_hold_while_names_come_and_go) {
  char name[32], seen[100] = {0};
  make_many(100);
  __wasi_dircookie_t cookie = 0;
  for (int round = 0;; round++) {
    size_t count = list(ROOT, cookie, 256, listed);
    for (size_t i = 0; i < count; i++)
      if (!strncmp(listed[i].name, "file.", 5)) {
        int number = atoi(listed[i].name + 5);
        REQUIRE(!seen[number]++);
        OK(__wasi_path_remove_directory(ROOT, listed[i].name));
      }
    if (used < 256) break;
    snprintf(name, sizeof name, "new.%d", round);
    if (round < 5) OK(__wasi_path_create_directory(ROOT, name));
    cookie = listed[count - 1].entry.d_next;
  }
  for (int i = 0; i < 100; i++) REQUIRE(seen[i]);  // each once, whatever else went on
}

BEHAVIOUR(an_answer_is_as_full_as_its_room) {
  make_file("действие", "");
  for (size_t size = 0; size < 120; size++) {
    size_t count = list(ROOT, 0, size, listed);
    if (find(count, "действие")) return;
    REQUIRE(used == size);
  }
  REQUIRE(!"listed");
}

BEHAVIOUR(a_second_listing_begins_anew) {
  make_file("a", "");
  REQUIRE(list(ROOT, 0, 8192, listed) == 3);
  make_file("b", "");
  REQUIRE(list(ROOT, 0, 8192, listed) == 4);
  OK(__wasi_path_unlink_file(ROOT, "a"));
  REQUIRE(list(ROOT, 0, 8192, listed) == 3 && !find(3, "a"));
}
