// The form as a page that works without a script, and the page that says it has arrived.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/net/http.h"
#include "channels/form/submission.h"
#include "channels/pages/catalogue.h"
#include "config/channel_config.h"
#include "routing/channel_messages.h"

namespace peyk::channels::form {

/// What the page shows beside its empty fields.
struct FormState {
  std::map<std::string, std::string> values;  // as they were typed
  std::vector<Problem> problems;
  std::string failure;  // one line above the form; empty: none
  std::string once;     // a fresh key
};

net::Response form_page(int status, const config::Channel& channel, const pages::Catalogue& words,
                        const FormState& state);

/// `email`: where the answer goes; empty: to the status page alone.
net::Response thanks_page(const routing::Accepted& accepted, const std::string& email, const std::string& status_url,
                          const pages::Catalogue& words);

}  // namespace peyk::channels::form
