// GET /status/{token}: where a matter stands, for whoever has its link.
#pragma once

#include <memory>

#include "channels/context.h"

namespace peyk::channels::status {

/// Registers its routes when it is built; lives as long as they are asked.
class StatusRoutes {
 public:
  virtual ~StatusRoutes() = default;
  virtual void reconfigure(config::ConfigPtr config) = 0;
};

std::unique_ptr<StatusRoutes> create_status_routes(const ChannelContext& context, config::ConfigPtr config);

}  // namespace peyk::channels::status
