#include <map>

#include <fmt/format.h>

#include "config/checks.h"

namespace peyk::config {
namespace {

class Channels {
 public:
  Channels(Context& context, const Node& root, const Config& config) : context_(context), root_(root), config_(config) {
    for (const auto& listen : config.http.listen) listeners_.emplace("tcp:" + listen, "http.listen");
  }

  void check(const Channel& channel) {
    if (const auto* email = channel.email()) {
      check_email(channel.name.str(), *email);
      return;
    }
    const auto* http = root_.find("http");
    const bool listens = http != nullptr && http->value->find("listen") != nullptr;
    if (config_.http.listen.empty() && !listens) {
      context_.error(key(channel.name.str()),
                     fmt::format("channel \"{}\" needs \"http.listen\": a {} comes in over HTTP", channel.name.str(),
                                 to_string(channel.kind())));
    }
    if (const auto* form = channel.form()) check_form(channel.name.str(), *form);
  }

 private:
  Mark key(const std::string& name) const { return mark_of(root_, {"channels", name}); }

  void check_email(const std::string& name, const EmailChannel& email) {
    if (!email.address.empty()) check_address(name, email.address);
    if (email.lmtp && (email.lmtp->listen.port != 0 || !email.lmtp->listen.unix_path.empty())) {
      const auto [first, fresh] = listeners_.emplace(to_string(email.lmtp->listen), name);
      if (!fresh) {
        context_.error(mark_of(root_, {"channels", name, "lmtp", "listen"}),
                       fmt::format("{} is \"{}\"'s already", to_string(email.lmtp->listen), first->second));
      }
    }
    if (!email.lmtp && !email.imap) {
      context_.warning(key(name),
                       fmt::format("channel \"{}\" has neither \"lmtp\" nor \"imap\": no mail comes in", name));
    }
    if (!email.smtp) context_.error(key(name), "\"smtp\" is missing: answers could not be sent");
    if (email.smtp) check_smtp(name, *email.smtp);
  }

  void check_address(const std::string& name, const std::string& address) {
    std::string lower = address;
    for (auto& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto [first, fresh] = addresses_.emplace(lower, name);
    if (!fresh) {
      context_.error(mark_of(root_, {"channels", name, "address"}),
                     fmt::format("{} is the address of \"{}\" already", address, first->second));
    }
    if (address.substr(0, address.find('@')).find('+') != std::string::npos) {
      context_.error(mark_of(root_, {"channels", name, "address"}),
                     "no + in the address: replies go to local+TOKEN@domain");
    }
  }

  void check_smtp(const std::string& name, const Smtp& smtp) {
    const auto* node = root_.find("channels")->value->find(name)->value->find("smtp");
    if (node == nullptr) return;
    const bool password = node->value->find("password_file") != nullptr;
    if (!smtp.user.empty() && !password) {
      context_.error(node->mark, "\"user\" needs a \"password_file\"");
    } else if (smtp.user.empty() && password) {
      context_.error(node->mark, "\"password_file\" needs a \"user\"");
    }
    if (smtp.scheme == SmtpScheme::smtps && smtp.tls == SmtpTls::none) {
      context_.error(mark_of(root_, {"channels", name, "smtp", "tls"}), "smtps is TLS: write smtp:// with tls: none");
    }
    if (!smtp.user.empty() && smtp.tls == SmtpTls::none && smtp.scheme == SmtpScheme::smtp) {
      context_.warning(mark_of(root_, {"channels", name, "smtp", "tls"}),
                       "the password goes over the network in clear");
    }
  }

  void check_form(const std::string& name, const FormChannel& form) {
    if (form.reply_via.empty()) {
      context_.warning(key(name), "there is no mail channel: answers stand on the status page alone");
      return;
    }
    const auto via = config_.channels.find(form.reply_via);
    if (via != config_.channels.end() && via->second.email() == nullptr) {
      context_.error(mark_of(root_, {"channels", name, "reply_via"}),
                     fmt::format("\"{}\" is no mail channel", form.reply_via.str()));
    }
  }

  Context& context_;
  const Node& root_;
  const Config& config_;
  std::map<std::string, std::string> listeners_;  // address → whose
  std::map<std::string, std::string> addresses_;
};

}  // namespace

void check_channels(Context& context, const Node& root, const Config& config) {
  Channels channels(context, root, config);
  in_file_order(root, "channels", config.channels,
                [&channels](const Channel& channel, const Member&) { channels.check(channel); });
  const auto* section = root.find("channels");
  if (section != nullptr && section->value->kind == Node::Kind::map && section->value->members.empty()) {
    context.error(section->mark, "no channel: nothing could come in");
  }
}

}  // namespace peyk::config
