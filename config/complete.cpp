#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "config/checks.h"

namespace peyk::config {
namespace {

/// The mail channel a form answers through when it names none.
void choose_reply_channel(Context& context, const Node& root, const Config& config, Channel& channel) {
  auto* form = std::get_if<FormChannel>(&channel.settings);
  if (form == nullptr || !form->reply_via.empty()) return;
  std::vector<std::string> mail;
  for (const auto& [name, other] : config.channels) {
    if (other.email() != nullptr) mail.push_back(name.str());
  }
  if (mail.size() == 1) form->reply_via = ChannelName(mail.front());
  if (mail.size() < 2) return;
  context.error(mark_of(root, {"channels", channel.name.str()}),
                fmt::format("\"reply_via\" is missing: there are several mail channels ({})", fmt::join(mail, ", ")));
}

std::string absolute(const std::string& path) {
  std::error_code failed;
  const auto full = std::filesystem::absolute(path, failed);
  return failed ? path : full.lexically_normal().string();
}

}  // namespace

void complete(Context& context, const Node& root, Config& config) {
  config.state_dir = absolute(config.state_dir);
  if (config.http.public_url.empty() && !config.http.listen.empty()) {
    config.http.public_url = "http://" + config.http.listen.front();
  }
  for (auto& [name, channel] : config.channels) {
    if (channel.locale.empty()) channel.locale = config.locale;
    choose_reply_channel(context, root, config, channel);
    auto* email = std::get_if<EmailChannel>(&channel.settings);
    if (email == nullptr || !email->smtp || email->smtp->maildir.empty()) continue;
    auto& folder = email->smtp->maildir;
    folder = (std::filesystem::path(config.state_dir) / folder).lexically_normal().string();
  }
}

}  // namespace peyk::config
