#include "tests/support/config_text.h"

#include <stdexcept>

#include <fmt/format.h>

namespace peyk::test {
namespace {

std::vector<std::string> shown(const config::LoadResult& result, config::Severity severity) {
  std::vector<std::string> lines;
  for (auto problem : result.problems) {
    if (problem.severity != severity) continue;
    problem.severity = config::Severity::error;
    lines.push_back(to_string(problem));
  }
  return lines;
}

}  // namespace

std::string minimal() {
  return R"(version: 1
redis: {url: "unix:///run/redis.sock"}
http: {listen: "127.0.0.1:0"}
channels:
  site-chat: {kind: chat}
skills: [cooling, en, fa]
queues:
  service:
    promise: {first_reply: 2m, resolve: 2d}
routes:
  - queue: service
agents:
  ani: {name: Ani, skills: {cooling: 3}, queues: [service], capacity: 4}
)";
}

std::string minimal_with(std::string_view from, std::string_view to) {
  auto text = minimal();
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("not in the minimal configuration: " + std::string(from));
  return text.replace(at, from.size(), to);
}

config::LoadResult load_lenient(std::string_view text) {
  config::LoadOptions options;
  options.secrets_required = false;
  return config::load_text(text, "peyk.yaml", options);
}

config::ConfigPtr load_right(std::string_view text) {
  auto result = load_lenient(text);
  if (!result.ok()) throw std::logic_error(fmt::format("{}", fmt::join(errors_of(result), "\n")));
  return result.config;
}

std::vector<std::string> errors_of(const config::LoadResult& result) {
  return shown(result, config::Severity::error);
}

std::vector<std::string> warnings_of(const config::LoadResult& result) {
  return shown(result, config::Severity::warning);
}

}  // namespace peyk::test
