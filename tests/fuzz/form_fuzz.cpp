// Any bytes as a form: refused with a reason, or checked within its limits. The first byte chooses the media type.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "channels/form/submission.h"
#include "channels/pages/catalogue.h"

namespace {

using namespace peyk::channels;

constexpr std::array<std::string_view, 3> kTypes{"application/json", "application/x-www-form-urlencoded",
                                                 "multipart/form-data; boundary=x"};

peyk::config::Channel channel() {
  peyk::config::FormChannel form;
  form.fields.push_back({.name = "product", .label = {}, .choices = {"cooler", "blender"}, .required = true});
  form.fields.push_back({.name = "serial", .label = {}, .choices = {}, .required = false, .max_length = 5});
  form.limits.text_bytes = 1000;
  form.limits.attachments = 2;
  peyk::config::Channel channel;
  channel.settings = form;
  return channel;
}

void check_good(const form::Submission& submission) {
  const bool within = submission.message.size() <= 1000 && !submission.message.empty() &&
                      submission.files.size() <= 2 && submission.fields.contains("product");
  const bool clean = peyk::is_valid_utf8(submission.name) && peyk::is_valid_utf8(submission.message);
  if (!within || !clean || form::digest(submission).size() != 64) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kChannel = channel();
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto raw = form::read_form(kTypes[data[0] % kTypes.size()], body);
  if (!raw) {
    if (raw.error().message.empty()) std::abort();
    return 0;
  }
  const auto checked = form::check(std::move(*raw), *kChannel.form());
  if (checked.problems.empty()) check_good(checked.submission);
  for (const auto& problem : checked.problems) {
    if (form::explain(problem, kChannel, pages::kPersian).empty()) std::abort();
  }
  return 0;
}
