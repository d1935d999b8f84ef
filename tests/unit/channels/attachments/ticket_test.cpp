// Tickets for files open for their owner alone.
#include "channels/attachments/ticket.h"

#include <doctest/doctest.h>

#include "channels/attachments/download.h"

namespace peyk::channels {
namespace {

const routing::Attachment kPhoto{routing::BlobId("b_abc"), "عکس \"1\".png", "image/png", 12'345'678'901, false};

}  // namespace

TEST_CASE("a ticket gives its owner back what was described") {
  const AttachmentTickets tickets(Secret("key"));
  const auto opened = tickets.open("me", tickets.issue("me", kPhoto));
  REQUIRE(opened.has_value());
  CHECK(opened->id == kPhoto.id);
  CHECK(opened->name == kPhoto.name);
  CHECK(opened->type == kPhoto.type);
  CHECK(opened->size == kPhoto.size);
}

TEST_CASE("a ticket of another's, changed, cut or of another key opens nothing") {
  const AttachmentTickets tickets(Secret("key"));
  const auto ticket = tickets.issue("me", kPhoto);
  CHECK_FALSE(tickets.open("you", ticket));
  CHECK_FALSE(AttachmentTickets(Secret("other")).open("me", ticket));
  for (std::size_t at = 0; at < ticket.size(); ++at) {
    auto changed = ticket;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    CAPTURE(at);
    CHECK_FALSE(tickets.open("me", changed));
    CHECK_FALSE(tickets.open("me", ticket.substr(0, at)));
  }
}

TEST_CASE("a file's name is safe in its header, whatever it is") {
  CHECK(content_disposition("attachment", "a\"\r\nb.png") ==
        "attachment; filename=\"a___b.png\"; filename*=UTF-8''a%22%0D%0Ab.png");
}

}  // namespace peyk::channels
