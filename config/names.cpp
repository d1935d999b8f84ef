#include "config/names.h"

namespace peyk {

std::string_view to_string(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::email: return "email";
    case ChannelKind::chat: return "chat";
    case ChannelKind::form: return "form";
  }
  return "email";
}

std::string_view to_string(Priority priority) {
  switch (priority) {
    case Priority::low: return "low";
    case Priority::normal: return "normal";
    case Priority::high: return "high";
    case Priority::urgent: return "urgent";
  }
  return "normal";
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::agent: return "agent";
    case Role::supervisor: return "supervisor";
    case Role::admin: return "admin";
  }
  return "agent";
}

}  // namespace peyk
