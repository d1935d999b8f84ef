#include "channels/email/gmime_objects.h"

#include <mutex>

namespace peyk::channels::email {

void initialise_gmime() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

}  // namespace peyk::channels::email
