// What an agent's terminal desk knows and shows: events in, lines out. No I/O.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "daemon/ctl/style.h"

namespace peyk::ctl {

/// Offers and conversations get small numbers, so that nobody types ids.
class DeskView {
 public:
  explicit DeskView(Style style) : style_(style) {}

  /// An event of peyk.agent.v1, as the lines to print (empty: nothing to see).
  std::string on_event(const boost::json::value& event);

  /// What stands before the line being typed: "ani available 2/6 [PK-7F3K2] > ".
  std::string prompt() const;

  std::string list() const;
  /// The open conversation's messages, or those of the numbered one, which becomes the open one.
  std::string show(std::optional<int> number);

  /// The offer of that number; without one the oldest.
  std::optional<std::string> offer(std::optional<int> number) const;
  /// The open conversation's id; empty: none.
  const std::string& open() const { return open_; }
  /// The last message of the open conversation that was printed; empty: none.
  std::string last_shown() const;
  bool select(int number);

 private:
  struct Offer {
    std::string id;
    boost::json::value event;
  };

  std::string on_welcome(const boost::json::value& event);
  std::string missed(const std::string& conversation, const boost::json::value& earlier) const;
  std::string on_offer(const boost::json::value& event);
  std::string on_revoked(const boost::json::value& event);
  std::string on_assigned(const boost::json::value& event);
  std::string on_message(const boost::json::value& event);
  std::string on_delivery(const boost::json::value& event);
  std::string on_updated(const boost::json::value& event);
  std::string on_presence(const boost::json::value& event);
  std::string offer_lines(int number, const boost::json::value& offer) const;
  std::string name_of(const std::string& conversation) const;
  int number_of(const std::string& conversation);
  void forget(const std::string& conversation);

  Style style_;
  std::string agent_;
  std::string presence_ = "offline";
  std::map<int, Offer> offers_;
  std::map<int, std::string> numbers_;                       // of conversations
  std::map<std::string, boost::json::value> conversations_;  // by id
  std::string open_;
  int last_number_ = 0;
};

}  // namespace peyk::ctl
