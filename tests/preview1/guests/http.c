// `http serve FD`: answers requests on a listener with what they asked for, until one asks for /end.
// `http fetch FD PATH`: asks on a connection, and prints the answer's content.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t request(int fd, char *buffer, size_t size) {
  size_t have = 0;
  while (have + 1 < size) {
    ssize_t got = recv(fd, buffer + have, size - have - 1, 0);
    if (got <= 0) break;
    buffer[have += got] = 0;
    if (strstr(buffer, "\r\n\r\n")) break;
  }
  buffer[have] = 0;
  return have;
}

static int serve(int listener) {
  for (int going = 1; going;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) {
      printf("accept: %s\n", strerror(errno));
      return 1;
    }
    char buffer[4096], path[256] = "", answer[1024];
    request(fd, buffer, sizeof buffer);
    sscanf(buffer, "GET %255s", path);
    int length = snprintf(answer, sizeof answer,
                          "HTTP/1.1 200 OK\r\ncontent-length: %zu\r\nconnection: close\r\n\r\nyou asked for %s",
                          strlen("you asked for ") + strlen(path), path);
    if (write(fd, answer, length) != length) perror("write");
    if (shutdown(fd, SHUT_WR)) perror("shutdown");
    while (recv(fd, buffer, sizeof buffer, 0) > 0) {
    }
    close(fd);
    going = strcmp(path, "/end") != 0;
  }
  return 0;
}

static int fetch(int fd, const char *path) {
  char buffer[4096];
  int length = snprintf(buffer, sizeof buffer, "GET %s HTTP/1.0\r\nhost: local\r\n\r\n", path);
  if (send(fd, buffer, length, 0) != length) {
    printf("send: %s\n", strerror(errno));
    return 1;
  }
  size_t have = 0;
  for (ssize_t got; (got = read(fd, buffer + have, sizeof buffer - have - 1)) > 0;) have += got;
  buffer[have] = 0;
  if (shutdown(fd, SHUT_WR)) perror("shutdown");
  char *content = strstr(buffer, "\r\n\r\n");
  printf("%.12s: %s\n", buffer, content ? content + 4 : "");
  return 0;
}

int main(int argc, char **argv) {
  int fd = atoi(argv[2]);
  return strcmp(argv[1], "serve") == 0 ? serve(fd) : fetch(fd, argv[3]);
}
