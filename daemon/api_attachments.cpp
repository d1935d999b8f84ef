#include "daemon/api_attachments.h"

#include <algorithm>
#include <functional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "channels/attachments/file_size.h"
#include "channels/web/throttled.h"
#include "daemon/api_request.h"
#include "routing/find_attachment.h"

namespace peyk::daemon {
namespace {

constexpr std::string_view kUnknownType = "application/octet-stream";
constexpr auto kTooManyBytes = "too many bytes of files in a day";
constexpr std::uint64_t kLargestInADay = 100;  // files of the largest size, of one agent

/// "type/subtype" of visible ASCII without parameters; else unknown.
std::string media_type(std::string_view header) {
  const auto type = ascii_lower(trim(header.substr(0, header.find(';'))));
  const bool plain = std::ranges::all_of(type, [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != ','; });
  const bool shaped = std::ranges::count(type, '/') == 1 && type.front() != '/' && type.back() != '/';
  return plain && shaped && type.size() <= 100 ? type : std::string(kUnknownType);
}

/// A file's name without folders.
std::string file_name(const net::Request& request) {
  const auto found = request.query.find("name");
  auto name = found == request.query.end() ? std::string() : clean_line(found->second);
  if (const auto slash = name.find_last_of("/\\"); slash != std::string::npos) name = name.substr(slash + 1);
  name = truncate_utf8(name, 200);
  return name.empty() ? "file" : name;
}

}  // namespace

std::uint64_t largest_file(const config::Config& config) {
  std::uint64_t most = 0;
  for (const auto& [name, channel] : config.channels) {
    if (const auto* chat = channel.chat()) most = std::max(most, chat->limits.attachment_bytes);
    if (const auto* email = channel.email()) most = std::max(most, email->limits.message_bytes);
  }
  const auto body = config.http.limits.body_bytes;
  return most == 0 ? body : std::min(most, body);
}

void AttachmentApi::attach(net::Routes& routes, LoginGuard& guard) {
  guard.add_upload(
      routes, "/api/v1/attachments", std::bind_front(&AttachmentApi::upload, this),
      [this] { return largest_file(*config_()); }, std::bind_front(&AttachmentApi::refuse, this));
  guard.add(routes, net::Method::get, "/api/v1/attachments/{id}", std::bind_front(&AttachmentApi::download, this));
}

std::uint64_t AttachmentApi::most_in_a_day() const {
  return largest_file(*config_()) * kLargestInADay;
}

std::optional<net::Response> AttachmentApi::refuse(const Caller& caller, const net::Request& request) const {
  const auto size = std::max<std::uint64_t>(1, channels::file_bytes(request));
  const auto wait = quota_.refuses(caller.name.str(), size, most_in_a_day(), clock_.now());
  if (!wait) return std::nullopt;
  return channels::throttled(kTooManyBytes, *wait);
}

asio::awaitable<Answer> AttachmentApi::upload(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {"name"}); !known) co_return std::unexpected(known.error());
  if (request.body.empty()) co_return fail(ErrorCode::invalid, "the body is empty: it is the file");
  // Others of his files may have come while this one did.
  if (auto refused = refuse(caller, request)) co_return std::move(*refused);
  const auto size = request.body.size();
  quota_.take(caller.name.str(), size, most_in_a_day(), clock_.now());
  auto name = file_name(request);
  auto type =
      media_type(request.headers.get("Content-Type").empty() ? kUnknownType : request.headers.get("Content-Type"));
  const auto added = co_await uploads_.add(caller.name, std::move(name), std::move(type), std::move(request.body));
  if (!added) {
    quota_.give_back(caller.name.str(), size);
    co_return std::unexpected(added.error());
  }
  co_return net::Response::json(
      201, boost::json::object{
               {"attachment", added->id.str()}, {"name", added->name}, {"type", added->type}, {"size", added->size}});
}

asio::awaitable<Answer> AttachmentApi::download(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  const routing::BlobId blob(std::string(request.capture("id")));
  const auto attachment = co_await find_visible(std::move(caller), blob);
  if (!attachment) co_return std::unexpected(attachment.error());
  auto content = co_await desk_.blobs().get(blob);
  if (!content) co_return std::unexpected(content.error());
  auto response = net::Response::text(200, std::move(*content), media_type(attachment->type));
  response.headers.set("Content-Disposition",
                       fmt::format("attachment; filename*=UTF-8''{}", percent_encode(attachment->name)));
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  co_return response;
}

asio::awaitable<Result<routing::Attachment>> AttachmentApi::find_visible(Caller caller, routing::BlobId blob) {
  auto own = co_await uploads_.find(caller.name, blob);
  if (own || own.error().code != ErrorCode::not_found) co_return own;
  const auto holders = co_await desk_.reader().conversations_of_blob(blob);
  if (!holders) co_return std::unexpected(holders.error());
  for (const auto& id : *holders) {
    const auto conversation = co_await desk_.reader().conversation(id);
    if (!conversation) continue;
    const auto allowed = permit(caller, Action::view, &*conversation);
    if (!allowed) continue;
    auto found = co_await routing::find_attachment(desk_.reader(), id, blob, routing::Audience::agents);
    if (found) co_return found;
  }
  // The same answer whether it is not there or not for him: ids of files are digests, and could be tried.
  co_return fail(ErrorCode::not_found, "no such attachment in a conversation that you may see");
}

}  // namespace peyk::daemon
