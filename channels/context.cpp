#include "channels/context.h"

#include "base/text.h"

namespace peyk::channels {

Secret derive_key(const Secret& key, std::string_view use) {
  return Secret(hmac_sha256(key.reveal(), use));
}

}  // namespace peyk::channels
