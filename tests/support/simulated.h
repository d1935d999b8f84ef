// What the tests of the simulation share: a desk to simulate, and times on its clock.
#pragma once

#include <string>

#include "base/clock.h"
#include "config/loader.h"
#include "tests/support/config_text.h"

namespace peyk::test {

/// Chat and form (field `product`); queues service (bela, cora, ani) and billing (ani); ani works 09:00 to 17:00
/// in Yerevan (UTC+4).
inline std::string simulated_desk() {
  return R"(version: 1
timezone: Asia/Yerevan
redis: {embedded: true}
http: {listen: "127.0.0.1:0"}
channels:
  site-chat: {kind: chat}
  contact-form: {kind: form, fields: {product: {label: Product}}}
hours:
  office: {timezone: Asia/Yerevan, week: {mon-sun: "09:00-17:00"}}
skills: [cooling]
queues:
  service: {promise: {first_reply: 2m, resolve: 2d}}
  billing: {promise: {first_reply: 4h, resolve: 2d}}
routes:
  - queue: service
agents:
  ani: {name: Ani, queues: [service, billing], capacity: 4, shift: office}
  bela: {name: Bela, queues: [service], capacity: 2}
  cora: {name: Cora, queues: [service], capacity: 2}
)";
}

/// 2026-11-21 in Yerevan.
inline Time yerevan(int hour, int minute = 0, int second = 0) {
  return *parse_rfc3339("2026-11-20T20:00:00Z") + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace peyk::test
