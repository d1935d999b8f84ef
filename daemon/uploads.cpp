#include "daemon/uploads.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;

constexpr std::string_view kLifetimeMilliseconds = "86400000";

std::string to_text(const routing::Attachment& attachment) {
  return json::serialize(json::array{attachment.name, attachment.type, attachment.size});
}

std::optional<routing::Attachment> from_text(routing::BlobId id, std::string_view text) {
  boost::system::error_code error;
  const auto value = json::parse(text, error);
  if (error || !value.is_array() || value.get_array().size() != 3) return std::nullopt;
  const auto& fields = value.get_array();
  if (!fields[0].is_string() || !fields[1].is_string() || !fields[2].is_number()) return std::nullopt;
  return routing::Attachment{std::move(id), json::value_to<std::string>(fields[0]),
                             json::value_to<std::string>(fields[1]), fields[2].to_number<std::uint64_t>(error), false};
}

}  // namespace

std::string Uploads::key(const AgentName& agent, const routing::BlobId& blob) const {
  return fmt::format("peyk:{{{}}}:upload:{}:{}", config_()->desk, agent.str(), blob.str());
}

asio::awaitable<Result<routing::Attachment>> Uploads::add(AgentName agent, std::string name, std::string type,
                                                          std::string content) {
  routing::Attachment attachment;
  attachment.name = std::move(name);
  attachment.type = std::move(type);
  attachment.size = content.size();
  auto blob = co_await blobs_.put(std::move(content));
  if (!blob) co_return std::unexpected(blob.error());
  attachment.id = std::move(*blob);
  redis::Command command{"SET", key(agent, attachment.id), to_text(attachment), "PX",
                         std::string(kLifetimeMilliseconds)};
  const auto reply = co_await client_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return attachment;
}

asio::awaitable<Result<routing::Attachment>> Uploads::find(AgentName agent, routing::BlobId blob) {
  redis::Command command{"GET", key(agent, blob)};
  const auto reply = co_await client_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  auto attachment = reply->is_text() ? from_text(blob, reply->text) : std::nullopt;
  if (!attachment) {
    co_return fail(ErrorCode::not_found, fmt::format("no attachment {} of yours", shorten(clean_line(blob.str()), 80)));
  }
  co_return std::move(*attachment);
}

asio::awaitable<Result<std::vector<routing::Attachment>>> Uploads::find_all(AgentName agent,
                                                                            std::vector<std::string> blobs) {
  std::vector<routing::Attachment> attachments;
  for (auto& blob : blobs) {
    auto attachment = co_await find(agent, routing::BlobId(std::move(blob)));
    if (!attachment && attachment.error().code == ErrorCode::not_found) {
      const auto& message = attachment.error().message;
      co_return fail(ErrorCode::unprocessable, message, {{"attachments", message}});
    }
    if (!attachment) co_return std::unexpected(attachment.error());
    attachments.push_back(std::move(*attachment));
  }
  co_return attachments;
}

}  // namespace peyk::daemon
