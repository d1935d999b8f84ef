// Any bytes as what headers, tokens and links carry: read within bounds, and nothing that was not signed is ours.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/net/header_value.h"
#include "base/net/http.h"
#include "base/net/http_client.h"
#include "base/net/proxies.h"
#include "base/redis/client.h"
#include "base/text.h"
#include "channels/attachments/ticket.h"
#include "channels/chat/visitor_token.h"
#include "channels/web/negotiation.h"
#include "channels/web/origin.h"

namespace {

using namespace peyk;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_values(std::string_view text) {
  const auto value = net::parse_header_value(text);
  require(value.value == ascii_lower(trim(value.value)));
  for (const auto& [name, parameter] : value.parameters) {
    require(value.parameter(name).has_value() && parameter.size() <= text.size());
  }
  if (net::is_media_type(text)) require(net::parse_header_value(text).value == ascii_lower(text));
  if (const auto url = net::parse_url(text)) require(!url->host.empty() && !url->port.empty());
  if (const auto endpoint = redis::parse_endpoint(text)) {
    require(endpoint->host.empty() != endpoint->unix_path.empty());
  }
}

void check_request(std::string_view text) {
  static const net::TrustedProxies kProxies({"127.0.0.1", "10.0.0.0/8"});
  net::Request request;
  for (const auto* name :
       {"Accept-Language", "X-Forwarded-For", "X-Forwarded-Proto", "Origin", "Host", "Authorization"}) {
    request.headers.add(name, std::string(text));
  }
  kProxies.apply(net::asio::ip::make_address("127.0.0.1"), request);
  boost::system::error_code error;
  net::asio::ip::make_address(request.peer, error);
  require(!error);
  channels::wants_page(text);
  const auto language = channels::choose_language(request, "en");
  require(language == "en" || language == "fa" || language == "hy");
  const auto origin = channels::origin_of(text);
  require(origin.empty() || !channels::origin_of(origin).empty());
  const auto kind = channels::judge_origin(request, {"https://kouh.example"}, "https://support.kouh.example");
  if (kind == channels::OriginKind::listed) require(origin == "https://kouh.example");
  require(request.bearer_token().size() <= text.size());
}

void check_secrets(std::string_view text) {
  static const channels::chat::VisitorTokens kVisitors(Secret("key"), system_random());
  static const channels::AttachmentTickets kTickets(Secret("key"));
  // Nobody guesses a signature; what is signed is known again, whatever its name.
  require(!kVisitors.is_ours(text));
  require(!kTickets.open("owner", text).has_value());
  channels::chat::VisitorTokens::is_plausible(text);
  routing::Attachment file;
  file.id = routing::BlobId("b_1");
  file.name = truncate_utf8(clean_line(text), 200);
  file.type = "text/plain";
  file.size = text.size();
  const auto ticket = kTickets.issue("owner", file);
  const auto opened = kTickets.open("owner", ticket);
  require(opened.has_value() && opened->name == file.name && opened->size == text.size());
  require(!kTickets.open("another", ticket).has_value());
  require(channels::AttachmentTickets::blob_of(ticket) == file.id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_values(text);
  check_request(text);
  check_secrets(text);
  return 0;
}
