#include "tests/bench/support/poller.h"

#include <array>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace peyk::bench {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

Poller::~Poller() {
  ::close(epoll_);
}

void Poller::add(int socket, Reader& reader) const {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &reader;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
}

void Poller::poll(SteadyClock::time_point until) {
  std::array<epoll_event, 256> events{};
  const auto left = std::max(until - SteadyClock::now(), SteadyClock::duration::zero());
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
  timespec wait{};
  wait.tv_sec = nanos / 1'000'000'000;
  wait.tv_nsec = nanos % 1'000'000'000;
  const int ready = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
  for (int at = 0; at < ready; ++at) static_cast<Reader*>(events.at(static_cast<std::size_t>(at)).data.ptr)->readable();
}

void Poller::run_until(const std::function<bool()>& done, std::chrono::seconds limit) {
  const auto deadline = SteadyClock::now() + limit;
  while (!done()) {
    if (SteadyClock::now() > deadline) throw std::runtime_error("what was waited for did not come");
    poll(SteadyClock::now() + std::chrono::milliseconds(100));
  }
}

void receive(int socket, std::string& bytes) {
  std::array<char, 16384> buffer{};
  const auto got = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got <= 0) throw std::runtime_error("peykd closed a connection; after it: " + bytes);
  bytes.append(buffer.data(), static_cast<std::size_t>(got));
}

}  // namespace peyk::bench
