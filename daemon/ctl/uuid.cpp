#include "daemon/ctl/uuid.h"

#include <array>
#include <cstdint>

#include "base/text.h"

namespace peyk::ctl {

std::string uuid(RandomSource& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
  auto text = hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (const std::size_t dash : {20U, 16U, 12U, 8U}) text.insert(dash, 1, '-');
  return text;
}

}  // namespace peyk::ctl
