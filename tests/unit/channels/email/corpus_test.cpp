// Real and malformed mail with right answers, where the folder of corpora stands beside the project.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "base/text.h"
#include "channels/email/parsed_mail.h"

namespace peyk::channels::email {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

fs::path corpora() {
  return fs::path(PEYK_SOURCE_DIR).parent_path() / "shared" / "corpora";
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> mails_below(const fs::path& folder) {
  std::vector<fs::path> mails;
  if (!fs::exists(folder)) return mails;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".eml") mails.push_back(entry.path());
  }
  return mails;
}

/// Letters and digits alone: what differs in white space is a matter of taste.
std::string essence(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (static_cast<unsigned char>(letter) > ' ') out += letter;
  }
  return out;
}

/// The text that the answer finds in the message's own plain parts.
std::string expected_text(const json::object& answer) {
  std::string text;
  for (const auto& index : answer.at("text_body").as_array()) {
    const auto& part = answer.at("parts").as_array().at(static_cast<std::size_t>(index.as_int64())).as_object();
    const auto& body = part.at("body").as_object();
    if (const auto* plain = body.if_contains("Text")) text += plain->as_string();
  }
  return essence(text);
}

}  // namespace

TEST_CASE("every mail of the corpora is parsed, and gives valid text") {
  const auto mails = mails_below(corpora());
  if (mails.empty()) MESSAGE("skipped: no corpora beside the project");
  for (const auto& path : mails) {
    CAPTURE(path.string());
    const auto mail = parse_mail(content(path), {});
    REQUIRE(mail.has_value());
    CHECK(is_valid_utf8(mail->text));
    CHECK(is_valid_utf8(mail->subject));
    CHECK(is_valid_utf8(mail->from.name));
  }
}

TEST_CASE("a whole mail cut off at any byte is parsed") {
  for (const auto& path : mails_below(corpora() / "mime" / "rfc")) {
    const auto bytes = content(path);
    for (std::size_t size = 0; size < bytes.size(); size += 7) {
      const auto mail = parse_mail(std::string_view(bytes).substr(0, size), {});
      if (mail) CHECK(is_valid_utf8(mail->text));
    }
  }
}

TEST_CASE("the text of the example and malformed mails is found") {
  std::size_t found = 0;
  std::size_t all = 0;
  for (const auto& path : mails_below(corpora() / "mime")) {
    if (path.string().find(".crlf.") != std::string::npos) continue;
    const auto answer_path = fs::path(path).replace_extension(".json");
    if (!fs::exists(answer_path)) continue;
    const auto answer = json::parse(content(answer_path)).as_object();
    const auto mail = parse_mail(content(path), {}).value();
    const auto expected = expected_text(answer);
    ++all;
    if (expected.empty() || essence(mail.text).find(expected) != std::string::npos) ++found;
  }
  // One boundary is longer than the 70 letters of RFC 2046, which the answer allows and GMime does not.
  CHECK(found + 1 >= all);
}

}  // namespace peyk::channels::email
