// The program, in C: see program.py, which prints the same. What libc has is by libc and the adapter of
// wasip1; sockets, names, HTTP and arguments are by what wit-bindgen makes of WASI's own WIT.
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "program.h"

typedef wasi_sockets_network_error_code_t code_t;
typedef wasi_sockets_network_ip_socket_address_t address_t;
enum { FINE = 255 };

static const char *truth(bool it) { return it ? "True" : "False"; }

static void attempt(const char *what, int result) {
  if (result >= 0) return;
  const char *name = errno == ENOENT ? "none" : errno == EEXIST ? "there" : errno == EACCES || errno == EPERM ? "denied" : strerror(errno);
  printf("%s %s\n", what, name);
}

static void told(const char *what, code_t code) {
  if (code == FINE) return;
  if (code == WASI_SOCKETS_NETWORK_ERROR_CODE_ACCESS_DENIED) printf("%s denied\n", what);
  else printf("%s error %d\n", what, code);
}

static void must(bool good, const char *what) {
  if (good) return;
  printf("%s failed\n", what);
  exit(3);
}

static program_string_t text(const char *from) { return (program_string_t){(uint8_t *)from, strlen(from)}; }

static program_list_u8_t bytes(const char *from) { return (program_list_u8_t){(uint8_t *)from, strlen(from)}; }

static const char *given(const char *name, const char *otherwise) {
  const char *found = getenv(name);
  return found ? found : otherwise;
}

static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static int files(void) {
  char part[6] = {0}, all[32] = {0}, *names[8];
  size_t count = 0;
  struct stat found;
  if (mkdir("/data/sub", 0777) < 0) return -1;
  int fd = open("/data/sub/a", O_CREAT | O_RDWR | O_TRUNC, 0666);
  if (fd < 0 || write(fd, "0123456789", 10) != 10) return -1;
  lseek(fd, 4, SEEK_SET);
  must(write(fd, "xy", 2) == 2, "write");
  lseek(fd, 2, SEEK_SET);
  must(read(fd, part, 5) == 5 && stat("/data/sub/a", &found) == 0, "read");
  close(fd);
  printf("read %s %d\n", part, (int)found.st_size);
  must((fd = open("/data/sub/a", O_WRONLY | O_APPEND)) >= 0 && write(fd, "!", 1) == 1, "append");
  close(fd);
  must(rename("/data/sub/a", "/data/b") == 0, "rename");
  DIR *dir = opendir("/data");
  for (struct dirent *each; (each = readdir(dir));)
    if (strcmp(each->d_name, ".") && strcmp(each->d_name, "..")) names[count++] = strdup(each->d_name);
  closedir(dir);
  qsort(names, count, sizeof *names, compare);
  must((fd = open("/data/b", O_RDONLY)) >= 0 && read(fd, all, sizeof all) > 0, "read");
  close(fd);
  printf("list");
  for (size_t i = 0; i < count; i++) printf(" %s", names[i]);
  printf(" %s\n", all);
  attempt("again", mkdir("/data/sub", 0777));
  attempt("missing", open("/data/gone", O_RDONLY));
  return rmdir("/data/sub");
}

static void wait_for(wasi_io_poll_own_pollable_t pollable) {
  wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(pollable));
  wasi_io_poll_pollable_drop_own(pollable);
}

static address_t at(uint16_t port) {
  address_t address = {.tag = WASI_SOCKETS_NETWORK_IP_SOCKET_ADDRESS_IPV4};
  address.val.ipv4.port = port;
  address.val.ipv4.address.f0 = 127;
  address.val.ipv4.address.f3 = 1;
  return address;
}

// What a step says, after it has been tried until it need not wait.
#define UNTIL(what, step)                                                                   \
  ({                                                                                        \
    code_t code = FINE;                                                                     \
    while (!(step)) {                                                                       \
      if (code != WASI_SOCKETS_NETWORK_ERROR_CODE_WOULD_BLOCK) break;                       \
      wait_for(what);                                                                       \
      code = FINE;                                                                          \
    }                                                                                       \
    code;                                                                                   \
  })
#define TRY(call)                       \
  do {                                  \
    code_t code = FINE;                 \
    if (!(call)) return code;           \
  } while (0)
#define DONE(code)                      \
  do {                                  \
    code_t said = (code);               \
    if (said != FINE) return said;      \
  } while (0)

static wasi_sockets_network_borrow_network_t net(void) {
  static wasi_sockets_network_borrow_network_t network;
  static bool known;
  if (!known) network = wasi_sockets_network_borrow_network(wasi_sockets_instance_network_instance_network());
  known = true;
  return network;
}

static code_t names(void) {
  program_string_t name = text("localhost");
  wasi_sockets_ip_name_lookup_own_resolve_address_stream_t found;
  TRY(wasi_sockets_ip_name_lookup_resolve_addresses(net(), &name, &found, &code));
  wasi_sockets_ip_name_lookup_borrow_resolve_address_stream_t it = wasi_sockets_ip_name_lookup_borrow_resolve_address_stream(found);
  for (;;) {
    wasi_sockets_ip_name_lookup_option_ip_address_t one;
    DONE(UNTIL(wasi_sockets_ip_name_lookup_method_resolve_address_stream_subscribe(it),
               wasi_sockets_ip_name_lookup_method_resolve_address_stream_resolve_next_address(it, &one, &code)));
    if (!one.is_some) break;
    if (one.val.tag != WASI_SOCKETS_NETWORK_IP_ADDRESS_IPV4) continue;
    printf("localhost %d.%d.%d.%d\n", one.val.val.ipv4.f0, one.val.val.ipv4.f1, one.val.val.ipv4.f2, one.val.val.ipv4.f3);
    break;
  }
  wasi_sockets_ip_name_lookup_resolve_address_stream_drop_own(found);
  return FINE;
}

typedef struct {
  wasi_sockets_tcp_own_tcp_socket_t socket;
  wasi_io_streams_own_input_stream_t in;
  wasi_io_streams_own_output_stream_t out;
} connection_t;

static void hang_up(connection_t *c) {
  wasi_io_streams_input_stream_drop_own(c->in);
  wasi_io_streams_output_stream_drop_own(c->out);
  wasi_sockets_tcp_tcp_socket_drop_own(c->socket);
}

static void say_to(wasi_io_streams_own_output_stream_t stream, const char *what) {
  program_list_u8_t data = bytes(what);
  wasi_io_streams_stream_error_t error;
  must(wasi_io_streams_method_output_stream_blocking_write_and_flush(wasi_io_streams_borrow_output_stream(stream), &data, &error), "write");
}

// Read what there is, or all there will be, as text.
static char *hear(wasi_io_streams_own_input_stream_t stream, bool all) {
  static char heard[4096];
  size_t length = 0;
  do {
    program_list_u8_t data;
    wasi_io_streams_stream_error_t error;
    if (!wasi_io_streams_method_input_stream_blocking_read(wasi_io_streams_borrow_input_stream(stream), sizeof heard - 1 - length, &data, &error)) {
      must(error.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED, "read");
      break;
    }
    memcpy(heard + length, data.ptr, data.len);
    length += data.len;
    program_list_u8_free(&data);
  } while (all);
  heard[length] = 0;
  return heard;
}

static code_t connected(connection_t *c, address_t to) {
  TRY(wasi_sockets_tcp_create_socket_create_tcp_socket(WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV4, &c->socket, &code));
  wasi_sockets_tcp_borrow_tcp_socket_t it = wasi_sockets_tcp_borrow_tcp_socket(c->socket);
  wasi_sockets_tcp_tuple2_own_input_stream_own_output_stream_t streams;
  TRY(wasi_sockets_tcp_method_tcp_socket_start_connect(it, net(), &to, &code));
  DONE(UNTIL(wasi_sockets_tcp_method_tcp_socket_subscribe(it), wasi_sockets_tcp_method_tcp_socket_finish_connect(it, &streams, &code)));
  c->in = streams.f0;
  c->out = streams.f1;
  return FINE;
}

static code_t client(void) {
  connection_t c;
  DONE(connected(&c, at(atoi(given("ECHO", "1")))));
  say_to(c.out, "hello\n");
  TRY(wasi_sockets_tcp_method_tcp_socket_shutdown(wasi_sockets_tcp_borrow_tcp_socket(c.socket), WASI_SOCKETS_TCP_SHUTDOWN_TYPE_SEND, &code));
  printf("echo %s", hear(c.in, true));
  hang_up(&c);
  return FINE;
}

static code_t server(void) {
  wasi_sockets_tcp_own_tcp_socket_t listener;
  TRY(wasi_sockets_tcp_create_socket_create_tcp_socket(WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV4, &listener, &code));
  wasi_sockets_tcp_borrow_tcp_socket_t it = wasi_sockets_tcp_borrow_tcp_socket(listener);
  address_t here = at(0), mine_at, whence;
  TRY(wasi_sockets_tcp_method_tcp_socket_start_bind(it, net(), &here, &code));
  DONE(UNTIL(wasi_sockets_tcp_method_tcp_socket_subscribe(it), wasi_sockets_tcp_method_tcp_socket_finish_bind(it, &code)));
  TRY(wasi_sockets_tcp_method_tcp_socket_start_listen(it, &code));
  DONE(UNTIL(wasi_sockets_tcp_method_tcp_socket_subscribe(it), wasi_sockets_tcp_method_tcp_socket_finish_listen(it, &code)));
  TRY(wasi_sockets_tcp_method_tcp_socket_local_address(it, &here, &code));
  connection_t mine, theirs;
  DONE(connected(&mine, here));
  wasi_sockets_tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t accepted;
  DONE(UNTIL(wasi_sockets_tcp_method_tcp_socket_subscribe(it), wasi_sockets_tcp_method_tcp_socket_accept(it, &accepted, &code)));
  theirs = (connection_t){accepted.f0, accepted.f1, accepted.f2};
  TRY(wasi_sockets_tcp_method_tcp_socket_local_address(wasi_sockets_tcp_borrow_tcp_socket(mine.socket), &mine_at, &code));
  TRY(wasi_sockets_tcp_method_tcp_socket_remote_address(wasi_sockets_tcp_borrow_tcp_socket(theirs.socket), &whence, &code));
  printf("accepted %s\n", truth(mine_at.val.ipv4.port == whence.val.ipv4.port));
  say_to(mine.out, "ping");
  printf("heard %s\n", hear(theirs.in, false));
  say_to(theirs.out, "pong");
  printf("answered %s\n", hear(mine.in, false));
  hang_up(&theirs);
  hang_up(&mine);
  wasi_sockets_tcp_tcp_socket_drop_own(listener);
  return FINE;
}

typedef struct {
  wasi_sockets_udp_own_udp_socket_t socket;
  wasi_sockets_udp_own_incoming_datagram_stream_t in;
  wasi_sockets_udp_own_outgoing_datagram_stream_t out;
  address_t at;
} post_t;

static code_t bound(post_t *post) {
  TRY(wasi_sockets_udp_create_socket_create_udp_socket(WASI_SOCKETS_NETWORK_IP_ADDRESS_FAMILY_IPV4, &post->socket, &code));
  wasi_sockets_udp_borrow_udp_socket_t it = wasi_sockets_udp_borrow_udp_socket(post->socket);
  address_t here = at(0);
  wasi_sockets_udp_tuple2_own_incoming_datagram_stream_own_outgoing_datagram_stream_t streams;
  TRY(wasi_sockets_udp_method_udp_socket_start_bind(it, net(), &here, &code));
  DONE(UNTIL(wasi_sockets_udp_method_udp_socket_subscribe(it), wasi_sockets_udp_method_udp_socket_finish_bind(it, &code)));
  TRY(wasi_sockets_udp_method_udp_socket_local_address(it, &post->at, &code));
  TRY(wasi_sockets_udp_method_udp_socket_stream(it, NULL, &streams, &code));
  post->in = streams.f0;
  post->out = streams.f1;
  return FINE;
}

static code_t post(post_t *from, const char *what, address_t to) {
  wasi_sockets_udp_borrow_outgoing_datagram_stream_t it = wasi_sockets_udp_borrow_outgoing_datagram_stream(from->out);
  uint64_t count = 0;
  for (;;) {
    TRY(wasi_sockets_udp_method_outgoing_datagram_stream_check_send(it, &count, &code));
    if (count) break;
    wait_for(wasi_sockets_udp_method_outgoing_datagram_stream_subscribe(it));
  }
  wasi_sockets_udp_outgoing_datagram_t datagram = {.data = bytes(what), .remote_address = {.is_some = true, .val = to}};
  wasi_sockets_udp_list_outgoing_datagram_t all = {&datagram, 1};
  TRY(wasi_sockets_udp_method_outgoing_datagram_stream_send(it, &all, &count, &code));
  return FINE;
}

static code_t receive(post_t *to, char *what, address_t *whence) {
  wasi_sockets_udp_borrow_incoming_datagram_stream_t it = wasi_sockets_udp_borrow_incoming_datagram_stream(to->in);
  wait_for(wasi_sockets_udp_method_incoming_datagram_stream_subscribe(it));
  wasi_sockets_udp_list_incoming_datagram_t found;
  TRY(wasi_sockets_udp_method_incoming_datagram_stream_receive(it, 1, &found, &code));
  must(found.len == 1 && found.ptr->data.len < 16, "receive");
  memcpy(what, found.ptr->data.ptr, found.ptr->data.len);
  what[found.ptr->data.len] = 0;
  *whence = found.ptr->remote_address;
  wasi_sockets_udp_list_incoming_datagram_free(&found);
  return FINE;
}

static void leave(post_t *post) {
  wasi_sockets_udp_incoming_datagram_stream_drop_own(post->in);
  wasi_sockets_udp_outgoing_datagram_stream_drop_own(post->out);
  wasi_sockets_udp_udp_socket_drop_own(post->socket);
}

static code_t datagrams(void) {
  post_t one, two;
  char question[16], answer[16];
  address_t whence, other;
  DONE(bound(&one));
  DONE(bound(&two));
  DONE(post(&one, "ask", two.at));
  DONE(receive(&two, question, &whence));
  DONE(post(&two, "answer", whence));
  DONE(receive(&one, answer, &other));
  printf("datagrams %s %s %s\n", question, answer, truth(whence.val.ipv4.port == one.at.val.ipv4.port));
  leave(&one);
  leave(&two);
  return FINE;
}

static wasi_http_types_own_fields_t me(void) {
  wasi_http_types_own_fields_t fields = wasi_http_types_constructor_fields();
  program_string_t name = text("x-who");
  wasi_http_types_field_value_t value = {(uint8_t *)"me", 2};
  wasi_http_types_header_error_t error;
  must(wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(fields), &name, &value, &error), "append");
  return fields;
}

static void finish(wasi_http_types_own_outgoing_body_t body, const char *content) {
  wasi_io_streams_own_output_stream_t stream;
  wasi_http_types_error_code_t error;
  must(wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(body), &stream), "body");
  say_to(stream, content);
  wasi_io_streams_output_stream_drop_own(stream);
  must(wasi_http_types_static_outgoing_body_finish(body, NULL, &error), "finish");
}

static void show(wasi_http_types_own_incoming_response_t response) {
  wasi_http_types_borrow_incoming_response_t it = wasi_http_types_borrow_incoming_response(response);
  wasi_http_types_own_fields_t headers = wasi_http_types_method_incoming_response_headers(it);
  program_string_t name = text("x-mixed");
  wasi_http_types_list_field_value_t mixed;
  wasi_http_types_method_fields_get(wasi_http_types_borrow_fields(headers), &name, &mixed);
  must(mixed.len == 2 && mixed.ptr[0].len == 1 && mixed.ptr[1].len == 1, "headers");
  char a = mixed.ptr[0].ptr[0], b = mixed.ptr[1].ptr[0];
  wasi_http_types_fields_drop_own(headers);
  wasi_http_types_own_incoming_body_t body;
  wasi_io_streams_own_input_stream_t stream;
  must(wasi_http_types_method_incoming_response_consume(it, &body), "consume");
  must(wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(body), &stream), "stream");
  printf("web %d %c %c %s\n", wasi_http_types_method_incoming_response_status(it), a < b ? a : b, a < b ? b : a, hear(stream, true));
  wasi_io_streams_input_stream_drop_own(stream);
  wasi_http_types_future_trailers_drop_own(wasi_http_types_static_incoming_body_finish(body));
  wasi_http_types_incoming_response_drop_own(response);
}

static void ask(int method, const char *path, const char *content) {
  wasi_http_types_own_outgoing_request_t request = wasi_http_types_constructor_outgoing_request(me());
  wasi_http_types_borrow_outgoing_request_t it = wasi_http_types_borrow_outgoing_request(request);
  wasi_http_types_method_t how = {.tag = method};
  wasi_http_types_scheme_t scheme = {.tag = WASI_HTTP_TYPES_SCHEME_HTTP};
  program_string_t to = text(given("WEB", "127.0.0.1:1")), what = text(path);
  wasi_http_types_own_outgoing_body_t body;
  wasi_http_types_own_future_incoming_response_t future;
  wasi_http_types_error_code_t error;
  must(wasi_http_types_method_outgoing_request_set_method(it, &how) &&
           wasi_http_types_method_outgoing_request_set_scheme(it, &scheme) &&
           wasi_http_types_method_outgoing_request_set_authority(it, &to) &&
           wasi_http_types_method_outgoing_request_set_path_with_query(it, &what), "request");
  if (content) must(wasi_http_types_method_outgoing_request_body(it, &body), "body");
  if (!wasi_http_outgoing_handler_handle(request, NULL, &future, &error)) {
    if (error.tag == WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_DENIED) printf("web denied\n");
    else printf("web error %d\n", error.tag);
    return;
  }
  if (content) finish(body, content);
  wasi_http_types_borrow_future_incoming_response_t waited = wasi_http_types_borrow_future_incoming_response(future);
  wait_for(wasi_http_types_method_future_incoming_response_subscribe(waited));
  wasi_http_types_result_result_own_incoming_response_error_code_void_t answer;
  must(wasi_http_types_method_future_incoming_response_get(waited, &answer) && !answer.is_err, "answer");
  if (answer.val.ok.is_err) printf("web error %d\n", answer.val.ok.val.err.tag);
  else show(answer.val.ok.val.ok);
  wasi_http_types_future_incoming_response_drop_own(future);
}

bool exports_wasi_cli_run_run(void) {
  bool fail = false;
  setvbuf(stdout, NULL, _IOLBF, 0);
  program_list_string_t args;
  wasi_cli_environment_get_arguments(&args);
  printf("args");
  for (size_t i = 1; i < args.len; i++) {
    printf(" %.*s", (int)args.ptr[i].len, args.ptr[i].ptr);
    fail |= args.ptr[i].len == 4 && !memcmp(args.ptr[i].ptr, "fail", 4);
  }
  printf("\nenv %s\n", given("COLOUR", "None"));
  attempt("files", files());
  char one[16], two[16];
  must(getentropy(one, sizeof one) == 0 && getentropy(two, sizeof two) == 0, "getentropy");
  printf("random %s\n", truth(memcmp(one, two, sizeof one)));
  told("names", names());
  told("client", client());
  told("server", server());
  told("datagrams", datagrams());
  ask(WASI_HTTP_TYPES_METHOD_GET, "/a?b=c", NULL);
  ask(WASI_HTTP_TYPES_METHOD_POST, "/echo", "hello");
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    for (char *c = line; *c; c++) *c = toupper((unsigned char)*c);
    fputs(line, stdout);
  }
  if (ferror(stdin)) printf("no input\n");
  fprintf(stderr, "to the other stream\n");
  fflush(stdout);
  struct timespec start, now, nap = {.tv_nsec = 2000000};
  clock_gettime(CLOCK_MONOTONIC, &start);
  nanosleep(&nap, NULL);
  clock_gettime(CLOCK_MONOTONIC, &now);
  long long slept = (now.tv_sec - start.tv_sec) * 1000000000LL + now.tv_nsec - start.tv_nsec;
  printf("slept %s %s\n", truth(slept >= 2000000), truth(time(NULL) > 1600000000));
  fflush(stdout);
  return !fail;
}

void exports_wasi_http_incoming_handler_handle(exports_wasi_http_incoming_handler_own_incoming_request_t request,
                                               exports_wasi_http_incoming_handler_own_response_outparam_t out) {
  wasi_http_types_own_outgoing_response_t response = wasi_http_types_constructor_outgoing_response(me());
  wasi_http_types_borrow_outgoing_response_t it = wasi_http_types_borrow_outgoing_response(response);
  wasi_http_types_own_outgoing_body_t body;
  must(wasi_http_types_method_outgoing_response_set_status_code(it, 203) &&
           wasi_http_types_method_outgoing_response_body(it, &body), "response");
  wasi_http_types_result_own_outgoing_response_error_code_t result = {.is_err = false, .val = {.ok = response}};
  wasi_http_types_static_response_outparam_set(out, &result);
  program_string_t path = {0};
  char greeting[256];
  wasi_http_types_method_incoming_request_path_with_query(wasi_http_types_borrow_incoming_request(request), &path);
  snprintf(greeting, sizeof greeting, "hello, %.*s", (int)path.len, path.ptr);
  finish(body, greeting);
  wasi_http_types_incoming_request_drop_own(request);
}
