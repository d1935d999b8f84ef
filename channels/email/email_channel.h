// The channel kind `email`: mail in by LMTP, answers out by SMTP or into a maildir.
#pragma once

#include <memory>

#include "channels/registry.h"

namespace peyk::channels::email {

/// The type keeps a copy of `context`, which its channels refer to: it outlives them.
std::unique_ptr<ChannelType> create_email_type(const ChannelContext& context);

}  // namespace peyk::channels::email
