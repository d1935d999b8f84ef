// Delivery into a maildir.
#include "channels/email/maildir.h"

#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

namespace peyk::channels::email {

TEST_CASE("a mail stands in new once, however often it is delivered") {
  const test::TempFolder folder;
  REQUIRE(deliver_to_maildir(folder.path() / "box", "m_1@kouh.example", "Subject: x\r\n\r\n1").has_value());
  REQUIRE(deliver_to_maildir(folder.path() / "box", "m_1@kouh.example", "Subject: x\r\n\r\n1").has_value());
  REQUIRE(deliver_to_maildir(folder.path() / "box", "m_2@kouh.example", "Subject: x\r\n\r\n2").has_value());
  const std::filesystem::directory_iterator mails(folder.path() / "box" / "new");
  CHECK(std::distance(begin(mails), end(mails)) == 2);
  CHECK(std::filesystem::is_empty(folder.path() / "box" / "tmp"));
}

TEST_CASE("a folder that cannot be written is an error to try again") {
  CHECK(deliver_to_maildir("/proc/none", "m_1", "x").error().code == ErrorCode::unavailable);
}

}  // namespace peyk::channels::email
