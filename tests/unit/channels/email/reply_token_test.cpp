// Reply addresses name their conversation, and cannot be forged.
#include "channels/email/reply_token.h"

#include <doctest/doctest.h>

namespace peyk::channels::email {
namespace {

using Match = ReplyTokens::Match;

}  // namespace

TEST_CASE("a reply address names its conversation, in whatever case it comes back") {
  const ReplyTokens tokens(Secret("key"), "support@kouh.example");
  const routing::ConversationId id("c_0123456789abcdef");
  const auto address = tokens.address_of(id);
  CHECK(address.size() < 64 + 13);
  CHECK(tokens.read(address).match == Match::signed_token);
  CHECK(tokens.read(address).conversation == id);
  CHECK(tokens.read("Support+0123456789ABCDEF" + address.substr(24)).conversation == id);
}

TEST_CASE("a token changed in any letter, or made with another key, is refused") {
  const ReplyTokens tokens(Secret("key"), "support@kouh.example");
  const auto address = tokens.address_of(routing::ConversationId("c_0123456789abcdef"));
  for (std::size_t i = 8; i < address.find('@'); ++i) {
    auto forged = address;
    forged[i] = forged[i] == 'a' ? 'b' : 'a';
    CHECK(tokens.read(forged).match == Match::bad_token);
  }
  CHECK(ReplyTokens(Secret("other"), "support@kouh.example").read(address).match == Match::bad_token);
}

TEST_CASE("plain, foreign and broken recipients are told apart") {
  const ReplyTokens tokens(Secret("key"), "support@kouh.example");
  CHECK(tokens.read("support@kouh.example").match == Match::plain);
  CHECK(tokens.read("SUPPORT@KOUH.EXAMPLE").match == Match::plain);
  CHECK(tokens.read("support+@kouh.example").match == Match::bad_token);
  for (const auto* other :
       {"sales@kouh.example", "support@other.example", "support", "", "@", "supportx@kouh.example"}) {
    CAPTURE(other);
    CHECK(tokens.read(other).match == Match::foreign);
  }
}

TEST_CASE("an address belongs to a channel with or without something after its plus, in any case") {
  CHECK(ReplyTokens::belongs_to("Support@Kouh.example", "support@kouh.example"));
  CHECK(ReplyTokens::belongs_to("support+abc@kouh.example", "support@kouh.example"));
  CHECK_FALSE(ReplyTokens::belongs_to("supporters@kouh.example", "support@kouh.example"));
  CHECK_FALSE(ReplyTokens::belongs_to("support@kouh.example.org", "support@kouh.example"));
}

}  // namespace peyk::channels::email
