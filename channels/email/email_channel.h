// The channel kind `email`: mail in by LMTP, answers out by SMTP or into a maildir.
#pragma once

#include <memory>

#include "channels/registry.h"

namespace peyk::channels::email {

/// `context` is kept.
std::unique_ptr<ChannelType> create_email_type(const ChannelContext& context);

}  // namespace peyk::channels::email
