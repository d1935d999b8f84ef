#include "channels/attachments/ticket.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace peyk::channels {
namespace {

constexpr std::size_t kTicketBytes = 1000;
constexpr std::size_t kSignatureBytes = 16;

std::unexpected<Error> unknown() {
  return fail(ErrorCode::not_found, "there is no such attachment of yours: send it again");
}

}  // namespace

std::string AttachmentTickets::signature(std::string_view owner, std::string_view described) const {
  const auto mac = hmac_sha256(key_.reveal(), fmt::format("{}\n{}", owner, described));
  return base64url_encode(std::string_view(mac).substr(0, kSignatureBytes));
}

std::string AttachmentTickets::issue(std::string_view owner, const routing::Attachment& attachment) const {
  const boost::json::array description{attachment.name, attachment.type, attachment.size};
  const auto described =
      fmt::format("{}.{}", attachment.id.str(), base64url_encode(boost::json::serialize(description)));
  return fmt::format("{}.{}", described, signature(owner, described));
}

Result<routing::Attachment> AttachmentTickets::open(std::string_view owner, std::string_view ticket) const {
  const auto parts = split(ticket, '.');
  if (ticket.size() > kTicketBytes || parts.size() != 3) return unknown();
  const auto described = ticket.substr(0, parts[0].size() + 1 + parts[1].size());
  if (!equal_constant_time(parts[2], signature(owner, described))) return unknown();
  // Signed by us: what is inside is as it was written.
  const auto description = boost::json::parse(base64url_decode(parts[1]).value_or("[]")).as_array();
  routing::Attachment attachment;
  attachment.id = routing::BlobId(std::string(parts[0]));
  attachment.name = std::string(description.at(0).as_string());
  attachment.type = std::string(description.at(1).as_string());
  attachment.size = description.at(2).to_number<std::uint64_t>();
  return attachment;
}

routing::BlobId AttachmentTickets::blob_of(std::string_view id_or_ticket) {
  return routing::BlobId(std::string(id_or_ticket.substr(0, id_or_ticket.find('.'))));
}

}  // namespace peyk::channels
