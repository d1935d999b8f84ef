// The desk that fuzzed days are read for.
#pragma once

#include "config/loader.h"

namespace peyk::fuzz {

inline config::ConfigPtr small_desk() {
  static const auto kConfig = config::load_text(R"(version: 1
redis: {embedded: true}
http: {listen: "127.0.0.1:0"}
channels:
  site-chat: {kind: chat}
  contact-form: {kind: form, fields: {product: {label: Product}}}
queues:
  service: {promise: {first_reply: 2m, resolve: 2d}}
routes: [{queue: service}]
agents:
  ani: {name: Ani, queues: [service], capacity: 4}
)",
                                                "/nonexistent/peyk.yaml", {})
                                  .config;
  return kConfig;
}

}  // namespace peyk::fuzz
