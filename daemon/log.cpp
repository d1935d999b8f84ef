#include "daemon/log.h"

#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/clock.h"

namespace peyk::daemon {
namespace {

spdlog::level::level_enum level_of(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::trace: return spdlog::level::trace;
    case config::LogLevel::debug: return spdlog::level::debug;
    case config::LogLevel::info: return spdlog::level::info;
    case config::LogLevel::warning: return spdlog::level::warn;
    case config::LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view view(spdlog::string_view_t text) {
  return {text.data(), text.size()};
}

/// One JSON object a line; the event's name is the first word.
class JsonFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto text = view(message.payload);
    const auto time = std::chrono::floor<Milliseconds>(message.time);
    const boost::json::object line{{"time", to_rfc3339(time)},
                                   {"level", view(spdlog::level::to_string_view(message.level))},
                                   {"event", text.substr(0, text.find(' '))},
                                   {"text", text}};
    const auto serialized = boost::json::serialize(line);
    out.append(serialized.data(), serialized.data() + serialized.size());
    out.push_back('\n');
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

/// Line ends inside a message would let a stranger's text forge a line of ours.
class LineFormatter : public spdlog::formatter {
 public:
  explicit LineFormatter(bool journal) : journal_(journal) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    if (journal_) {
      append(out, priority(message.level));
    } else {
      append(out, to_rfc3339(std::chrono::floor<Milliseconds>(message.time)));
      append(out, " ");
      append(out, view(spdlog::level::to_string_view(message.level)));
      append(out, " ");
    }
    for (const char c : view(message.payload)) out.push_back(c == '\n' || c == '\r' ? ' ' : c);
    out.push_back('\n');
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<LineFormatter>(journal_); }

 private:
  static void append(spdlog::memory_buf_t& out, std::string_view text) {
    out.append(text.data(), text.data() + text.size());
  }
  static std::string_view priority(spdlog::level::level_enum level) {
    if (level >= spdlog::level::err) return "<3>";
    if (level == spdlog::level::warn) return "<4>";
    return level == spdlog::level::info ? "<6>" : "<7>";
  }

  bool journal_;
};

}  // namespace

void set_up_log(const config::Log& log) {
  auto logger = std::make_shared<spdlog::logger>("peyk", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (log.format == config::LogFormat::json) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_formatter(std::make_unique<LineFormatter>(std::getenv("JOURNAL_STREAM") != nullptr));
  }
  logger->set_level(level_of(log.level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace peyk::daemon
