// What an uploader gets for a file until a message names it: the proof that he sent it, and what it is.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "routing/conversation.h"

namespace peyk::channels {

/// A ticket carries the attachment's description under a signature for its owner, so that any daemon takes it and
/// nobody else can use it: a blob's id alone is the hash of its content, which others may know.
class AttachmentTickets {
 public:
  explicit AttachmentTickets(Secret key) : key_(std::move(key)) {}

  /// "b_….….…": opaque, at most 600 bytes for a name of 200.
  std::string issue(std::string_view owner, const routing::Attachment& attachment) const;

  /// `not_found` unless `ticket` was issued to `owner`.
  Result<routing::Attachment> open(std::string_view owner, std::string_view ticket) const;

  /// The blob that an id or ticket names.
  static routing::BlobId blob_of(std::string_view id_or_ticket);

 private:
  std::string signature(std::string_view owner, std::string_view described) const;

  Secret key_;
};

}  // namespace peyk::channels
