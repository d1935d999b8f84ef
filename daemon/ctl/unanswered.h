// Commands of a desk in the terminal that the daemon has not answered yet.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace peyk::ctl {

/// Keeps each command until its answer, so that a connection that breaks loses none unnoticed: what has a key of its
/// own (a reply) is harmless to send again, of all else nobody knows whether it was done. One thread.
class Unanswered {
 public:
  /// Numbers the command, as `id`; returns it as it is to be sent.
  std::string add(boost::json::object command);
  /// It was handed to a connection.
  void note_sent(std::string_view id);
  /// Its answer came, or it is given up.
  void forget(std::string_view id);
  /// It was refused for now: kept to be sent again, by `unsent()`, when it has a key; else forgotten. True when kept.
  bool refused_for_now(std::string_view id);
  std::string last_id() const { return std::to_string(last_id_); }

  struct Again {
    std::vector<std::string> frames;   // to be sent now, in order
    std::vector<std::string> unknown;  // types of those that may or may not have been done; forgotten
  };
  /// A new connection is ready.
  Again connected();

  /// Those with a key that no connection has now, in order; they count as sent.
  std::vector<std::string> unsent();
  bool any_unsent() const;

  /// How many wait that have a key.
  std::size_t replies() const;

 private:
  struct Command {
    boost::json::object frame;
    bool sent = false;
  };
  std::map<int, Command>::iterator find(std::string_view id);

  std::map<int, Command> commands_;
  int last_id_ = 0;
};

}  // namespace peyk::ctl
