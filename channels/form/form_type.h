// Forms: what websites post, and the same form as a page.
#pragma once

#include <memory>

#include "channels/context.h"
#include "channels/registry.h"

namespace peyk::channels::form {

/// Registers GET, POST and OPTIONS of /form/{channel}.
std::unique_ptr<ChannelType> create_form_type(const ChannelContext& context);

}  // namespace peyk::channels::form
