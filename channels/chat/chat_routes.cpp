#include "channels/chat/chat_routes.h"

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>

#include <boost/json.hpp>

#include "base/net/client_network.h"
#include "base/net/form_data.h"
#include "base/net/header_value.h"
#include "base/text.h"
#include "channels/attachments/download.h"
#include "channels/attachments/file_size.h"
#include "channels/web/negotiation.h"
#include "channels/web/origin.h"
#include "channels/web/throttled.h"
#include "routing/find_attachment.h"

namespace peyk::channels::chat {
namespace {

constexpr std::string_view kSubprotocol = "peyk.chat.v1";
// Files of the largest size in a day.
constexpr std::uint64_t kLargestOfVisitor = 10;
constexpr std::uint64_t kLargestOfNetwork = 100;
constexpr auto kTooManyBytes = "too many bytes of files in a day";
constexpr std::size_t kHelloBytes = 32'768;  // until the channel's own limit is known

ChannelName channel_of(const net::Request& request) {
  return ChannelName(std::string(request.capture("channel")));
}

/// One request about files, after the checks that all of them share.
class Files {
 public:
  explicit Files(ChatHouse& house) : house_(house) {}

  asio::awaitable<net::Response> upload(net::Request request) {
    const auto chat = house_.lobby.chat(channel_of(request));
    auto result = co_await store(request, chat);
    co_return answer(request, chat, std::move(result));
  }

  /// Before the body is read: what is refused for what its head says, is refused unread.
  std::expected<std::size_t, net::Response> most_of(const net::Request& request) {
    const auto chat = house_.lobby.chat(channel_of(request));
    if (auto known = check_caller(request, chat); !known) return refusal(request, chat, known.error());
    const auto most = chat->settings().limits.attachment_bytes;
    if (auto fits = check_file_size(request, most); !fits) return refusal(request, chat, fits.error());
    return most;
  }

  /// Nor is what comes from nobody we know, or from who has sent enough for a day.
  asio::awaitable<std::optional<net::Response>> refuse_stranger(const net::Request& request) {
    const auto chat = house_.lobby.chat(channel_of(request));
    const auto known = co_await caller(request, chat);
    if (!known) co_return answer(request, chat, std::unexpected(known.error()));
    const auto wait = quota_refuses(request, *known, chat);
    if (!wait) co_return std::nullopt;
    co_return answer(request, chat, throttled(kTooManyBytes, *wait));
  }

  asio::awaitable<net::Response> fetch(net::Request request) {
    const auto chat = house_.lobby.chat(channel_of(request));
    auto result = co_await find(request, chat);
    co_return answer(request, chat, std::move(result));
  }

  asio::awaitable<net::Response> preflight_for(net::Request request) {
    const auto chat = house_.lobby.chat(channel_of(request));
    const auto kind = chat ? origin_kind(request, *chat) : OriginKind::none;
    co_return preflight(request, kind, "GET, POST", "Authorization, Content-Type");
  }

 private:
  using Chat = std::shared_ptr<OpenChat>;

  OriginKind origin_kind(const net::Request& request, const OpenChat& chat) const {
    return judge_origin(request, chat.settings().origins, house_.context.public_url);
  }

  net::Response answer(const net::Request& request, const Chat& chat, Result<net::Response> result) const {
    auto response = result ? std::move(*result) : net::Response::problem(result.error());
    if (chat) allow_origin(response, request, origin_kind(request, *chat));
    return response;
  }

  std::unexpected<net::Response> refusal(const net::Request& request, const Chat& chat, const Error& error) const {
    return std::unexpected(answer(request, chat, std::unexpected(error)));
  }

  /// What can be said of whoever asks without the store.
  Result<> check_caller(const net::Request& request, const Chat& chat) const {
    if (!chat) return fail(ErrorCode::not_found, "there is no chat of that name");
    if (origin_kind(request, *chat) == OriginKind::foreign) {
      return fail(ErrorCode::forbidden, "this origin may not use this chat");
    }
    if (VisitorTokens::is_plausible(request.bearer_token())) return {};
    return fail(ErrorCode::unauthorized, "send the visitor's token as Authorization: Bearer …");
  }

  /// Who asks: the owner of a token that is ours, or that has a conversation here.
  asio::awaitable<Result<routing::Identity>> caller(const net::Request& request, const Chat& chat) {
    if (auto checked = check_caller(request, chat); !checked) co_return std::unexpected(checked.error());
    const auto token = request.bearer_token();
    auto identity = VisitorTokens::identity_of(token);
    if (house_.tokens.is_ours(token)) co_return identity;
    const auto found = co_await house_.context.reader.conversation_of(identity, chat->channel->name);
    if (!found) co_return std::unexpected(found.error());
    if (!*found) co_return fail(ErrorCode::unauthorized, "this visitor's token is not known");
    co_return identity;
  }

  asio::awaitable<Result<net::Response>> store(net::Request& request, const Chat& chat) {
    const auto identity = co_await caller(request, chat);
    if (!identity) co_return std::unexpected(identity.error());
    const auto& limits = chat->settings().limits;
    if (request.body.empty()) co_return fail(ErrorCode::invalid, "the body is the file: it is empty");
    auto fits = check_file_size(request, limits.attachment_bytes);
    if (!fits) co_return std::unexpected(std::move(fits.error()));
    const auto now = house_.context.clock.now();
    if (limits.messages) {
      const auto wait = house_.message_rates.refuse("file " + identity->value, *limits.messages, now);
      if (wait) co_return throttled("too many files", *wait);
    }
    if (const auto wait = quota_refuses(request, *identity, chat)) co_return throttled(kTooManyBytes, *wait);
    take_quota(request, *identity, chat);
    routing::Attachment attachment;
    const auto name = request.query.find("name");
    attachment.name = net::safe_file_name(name == request.query.end() ? "" : name->second);
    attachment.type = net::parse_header_value(request.headers.get("Content-Type")).value;
    if (!net::is_media_type(attachment.type)) attachment.type = "application/octet-stream";
    attachment.size = request.body.size();
    auto blob = co_await house_.context.blobs.put(std::move(request.body));
    if (!blob) {
      house_.uploads.give_back(identity->value, attachment.size);
      house_.uploads.give_back(network_key(request), attachment.size);
      co_return std::unexpected(std::move(blob.error()));
    }
    attachment.id = std::move(*blob);
    co_return net::Response::json(
        201, boost::json::object{{"attachment", house_.tickets.issue(identity->value, attachment)}});
  }

  /// How long until the file fits what is left of a day's; nullopt: it does. A visitor costs nothing to become: his
  /// network has a quota too. What is not known to have a length is taken for the least.
  std::optional<Milliseconds> quota_refuses(const net::Request& request, const routing::Identity& identity,
                                            const Chat& chat) const {
    const auto now = house_.context.clock.now();
    const auto size = std::max<std::uint64_t>(1, file_bytes(request));
    const auto largest = chat->settings().limits.attachment_bytes;
    const auto own = house_.uploads.refuses(identity.value, size, largest * kLargestOfVisitor, now);
    const auto networks = house_.uploads.refuses(network_key(request), size, largest * kLargestOfNetwork, now);
    return std::max(own, networks);  // nullopt is less than any wait
  }

  void take_quota(const net::Request& request, const routing::Identity& identity, const Chat& chat) {
    const auto now = house_.context.clock.now();
    const auto size = request.body.size();
    const auto largest = chat->settings().limits.attachment_bytes;
    house_.uploads.take(identity.value, size, largest * kLargestOfVisitor, now);
    house_.uploads.take(network_key(request), size, largest * kLargestOfNetwork, now);
  }

  static std::string network_key(const net::Request& request) { return "network " + net::client_network(request.peer); }

  /// A file of the caller's own conversation, or one he has just sent and not yet named in a message.
  asio::awaitable<Result<net::Response>> find(const net::Request& request, const Chat& chat) {
    const auto identity = co_await caller(request, chat);
    if (!identity) co_return std::unexpected(identity.error());
    const std::string id(request.capture("id"));
    auto ticket = house_.tickets.open(identity->value, id);
    if (ticket) co_return co_await content(std::move(*ticket));
    const auto own = co_await house_.context.reader.conversation_of(*identity, chat->channel->name);
    if (!own) co_return std::unexpected(own.error());
    if (!*own) co_return fail(ErrorCode::not_found, "there is no such attachment");
    auto found = co_await routing::find_attachment(house_.context.reader, (*own)->id, AttachmentTickets::blob_of(id),
                                                   routing::Audience::customers);
    if (!found) co_return std::unexpected(std::move(found.error()));
    co_return co_await content(std::move(*found));
  }

  asio::awaitable<Result<net::Response>> content(routing::Attachment attachment) {
    auto bytes = co_await house_.context.blobs.get(attachment.id);
    if (!bytes) co_return std::unexpected(std::move(bytes.error()));
    co_return download(attachment, std::move(*bytes));
  }

  ChatHouse& house_;
};

Result<> check_handshake(const ChatHouse& house, const net::Request& request) {
  const auto chat = house.lobby.chat(channel_of(request));
  if (!chat) return fail(ErrorCode::not_found, "there is no chat of that name");
  const auto kind = judge_origin(request, chat->settings().origins, house.context.public_url);
  if (kind == OriginKind::foreign) return fail(ErrorCode::forbidden, "this origin may not use this chat");
  return {};
}

asio::awaitable<void> serve(ChatHouse& house, std::shared_ptr<net::WebSocket> socket, net::Request request) {
  Caller caller{channel_of(request), request.peer, std::string(request.headers.get("Accept-Language"))};
  // Headers of thousands of idle sockets are memory for nothing.
  request = {};
  co_await serve_visitor(house, std::move(socket), std::move(caller));
}

}  // namespace

void register_chat_routes(ChatHouse& house) {
  net::WebSocketRoute socket;
  socket.subprotocol = kSubprotocol;
  socket.frame_limit = kHelloBytes;
  socket.guard = [&house](const net::Request& request) { return check_handshake(house, request); };
  socket.handler = [&house](std::shared_ptr<net::WebSocket> opened, net::Request request) {
    return serve(house, std::move(opened), std::move(request));
  };
  auto& routes = house.context.routes;
  routes.add_websocket("/chat/{channel}", std::move(socket));
  const auto files = std::make_shared<Files>(house);
  routes.add(
      net::Method::post, "/chat/{channel}/attachments",
      [files](net::Request request) { return files->upload(std::move(request)); },
      [files](const net::Request& request) { return files->most_of(request); },
      [files](const net::Request& request) { return files->refuse_stranger(request); });
  routes.add(net::Method::get, "/chat/{channel}/attachments/{id}",
             [files](net::Request request) { return files->fetch(std::move(request)); });
  for (const auto* pattern : {"/chat/{channel}/attachments", "/chat/{channel}/attachments/{id}"}) {
    routes.add(net::Method::options, pattern,
               [files](net::Request request) { return files->preflight_for(std::move(request)); });
  }
}

}  // namespace peyk::channels::chat
