// What each language does: arguments, environment, a file, a clock, randomness, an exit code.
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

static std::string text_of(const char *path) {
  std::string text(100, 0);
  int fd = open(path, O_RDONLY);
  text.resize(fd < 0 ? 0 : read(fd, text.data(), text.size()));
  close(fd);
  return text;
}

int main(int argc, char **argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  std::cout << "args";
  for (const auto &arg : args) std::cout << ' ' << arg;
  std::cout << "\nenv " << (std::getenv("KEY") ?: "none") << '\n';

  std::string text = text_of("in");
  std::cout << "read " << text << '\n';
  std::map<char, int> counts;
  for (char c : text) counts[c]++;
  std::ostringstream counted;
  for (auto [c, count] : counts) counted << c << count;
  int fd = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (fd < 0 || write(fd, counted.str().data(), counted.str().size()) < 0 || close(fd)) return 1;

  auto now = std::chrono::system_clock::now().time_since_epoch();
  auto before = std::chrono::steady_clock::now();
  std::cout << "time " << (now > std::chrono::years(50) && std::chrono::steady_clock::now() >= before) << '\n';
  unsigned char bytes[16] = {0};
  int sum = getentropy(bytes, sizeof bytes);
  for (unsigned char byte : bytes) sum += byte;
  std::cout << "random " << (sum > 0) << std::endl;
  return 7;
}
