#include "channels/email/smtp_client.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/net/line_stream.h"
#include "channels/email/smtp_reply.h"

namespace peyk::channels::email {
namespace {

using Kind = routing::SendResult::Kind;

constexpr std::size_t kLongestLine = 4096;

routing::SendResult retry(std::string detail) {
  return {Kind::retry, {}, std::move(detail)};
}

/// A whole reply, "250-…" lines and all.
asio::awaitable<Result<SmtpReply>> read_reply(net::LineStream& stream, std::chrono::milliseconds limit) {
  SmtpReply reply;
  for (;;) {
    auto line = co_await stream.read_line(kLongestLine, limit);
    if (!line) co_return std::unexpected(line.error());
    const auto whole = reply.add(*line);
    if (!whole) co_return std::unexpected(whole.error());
    if (*whole) co_return reply;
  }
}

asio::awaitable<routing::SendResult> converse(net::LineStream& stream, const SmtpServer& server,
                                              SmtpDialogue dialogue) {
  while (true) {
    const auto reply = co_await read_reply(stream, server.timeout);
    if (!reply) co_return retry(reply.error().message);
    auto step = dialogue.on_reply(reply->code(), reply->lines());
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
