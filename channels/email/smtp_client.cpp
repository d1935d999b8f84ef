#include "channels/email/smtp_client.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/net/line_stream.h"

namespace peyk::channels::email {
namespace {

using Kind = routing::SendResult::Kind;

constexpr std::size_t kLongestLine = 4096;
constexpr int kMostLines = 100;

struct SmtpReply {
  int code = 0;
  std::string lines;
};

routing::SendResult retry(std::string detail) {
  return {Kind::retry, {}, std::move(detail)};
}

/// A whole reply, "250-…" lines and all.
asio::awaitable<Result<SmtpReply>> read_reply(net::LineStream& stream, std::chrono::milliseconds limit) {
  SmtpReply reply;
  for (int count = 0; count < kMostLines; ++count) {
    auto line = co_await stream.read_line(kLongestLine, limit);
    if (!line) co_return std::unexpected(line.error());
    const bool numbered = line->size() >= 3 && line->find_first_not_of("0123456789") >= 3;
    if (!numbered) co_return fail(ErrorCode::invalid, "the server does not speak SMTP");
    reply.code = std::stoi(line->substr(0, 3));
    if (line->size() > 4) reply.lines += line->substr(4);
    if (line->size() == 3 || (*line)[3] != '-') co_return reply;
    reply.lines += '\n';
  }
  co_return fail(ErrorCode::too_large, "the server's reply does not end");
}

asio::awaitable<routing::SendResult> converse(net::LineStream& stream, const SmtpServer& server,
                                              SmtpDialogue dialogue) {
  while (true) {
    const auto reply = co_await read_reply(stream, server.timeout);
    if (!reply) co_return retry(reply.error().message);
    auto step = dialogue.on_reply(reply->code, reply->lines);
    if (step.next == SmtpDialogue::Next::start_tls) {
      const auto secured = co_await stream.start_tls({server.host, server.ca_file, true}, server.timeout);
      if (!secured) co_return retry(secured.error().message);
      step = dialogue.on_tls();
    }
    if (!step.text.empty()) {
      const auto written = co_await stream.write(std::move(step.text), server.timeout);
      if (!written && step.next != SmtpDialogue::Next::done) co_return retry(written.error().message);
    }
    if (step.next == SmtpDialogue::Next::done) co_return step.result;
  }
}

}  // namespace

asio::awaitable<routing::SendResult> send_by_smtp(SmtpServer server, SmtpSettings settings, SmtpMail mail) {
  const auto endpoint = fmt::format("tcp:{}:{}", server.host, server.port);
  auto stream = co_await net::connect_lines(endpoint, server.timeout);
  if (!stream) co_return retry(stream.error().message);
  if (settings.starts_secure) {
    const auto secured = co_await (*stream)->start_tls({server.host, server.ca_file, true}, server.timeout);
    if (!secured) co_return retry(secured.error().message);
  }
  auto result = co_await converse(**stream, server, SmtpDialogue(std::move(settings), mail));
  (*stream)->close();
  co_return result;
}

}  // namespace peyk::channels::email
