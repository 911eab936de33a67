// A client of examples/chat in C++: it does and prints the same as the one in Rust.

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include <capnp/ez-rpc.h>

#include "chat.capnp.h"

// What the listeners of this process have heard, and whether the guest has dropped one.
static std::vector<std::string> events;

class Ears final : public Listener::Server {
 public:
  explicit Ears(std::string name) : name(std::move(name)) {}
  ~Ears() noexcept { events.push_back("dropped " + name); }

  kj::Promise<void> heard(HeardContext context) override {
    auto params = context.getParams();
    events.push_back(name + " heard " + params.getWho().cStr() + ": " + params.getText().cStr());
    return kj::READY_NOW;
  }

 private:
  std::string name;
};

static std::string names(Room::Client& room, kj::WaitScope& scope) {
  std::string told = "names";
  auto answer = room.namesRequest().send().wait(scope);
  for (auto name : answer.getNames()) told += std::string(" ") + name.cStr();
  return told;
}

// Asks for names until something has happened: what is pending comes in meanwhile.
static void until(Room::Client& room, kj::WaitScope& scope, const std::string& wanted) {
  while (std::find(events.begin(), events.end(), wanted) == events.end()) names(room, scope);
  std::cout << wanted << std::endl;
}

int main(int argc, char* argv[]) {
  if (argc != 2) {
    std::cerr << "usage: client HOST:PORT" << std::endl;
    return 2;
  }
  capnp::EzRpcClient client(argv[1]);
  auto& scope = client.getWaitScope();
  auto room = client.getMain<Room>();
  auto join = [&](const char* name) {
    auto request = room.joinRequest();
    request.setName(name);
    request.setListener(kj::heap<Ears>(name));
    return request.send();
  };

  auto joined = join("ann");
  auto early = joined.getSeat().sayRequest();
  early.setText("is anybody here");
  std::cout << "early " << early.send().wait(scope).getListeners() << std::endl;
  kj::Maybe<Seat::Client> ann = joined.wait(scope).getSeat();

  {
    auto bob = join("bob").wait(scope).getSeat();
    std::cout << names(room, scope) << std::endl;
    auto say = bob.sayRequest();
    say.setText("hi");
    std::cout << "said " << say.send().wait(scope).getListeners() << std::endl;
    until(room, scope, "ann heard bob: hi");
  }
  until(room, scope, "dropped bob");
  std::cout << names(room, scope) << std::endl;
  try {
    join("").wait(scope);
    std::cout << "whoever it is was let in" << std::endl;
  } catch (const kj::Exception& error) {
    std::string told = error.getDescription().cStr();
    std::cout << "refused: " << (told.find("who are you?") == told.npos ? "false" : "true") << std::endl;
  }
  ann = nullptr;
  { auto gone = kj::mv(joined); }
  until(room, scope, "dropped ann");
  std::cout << names(room, scope) << std::endl;
}
