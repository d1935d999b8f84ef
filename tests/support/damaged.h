// A desk with one conversation in each of three states, for damage to be planted in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {

/// A string, or an element of a list, becomes what no record is; `unspoil` puts back what it was.
inline void spoil(Store& store, const std::string& name, int element = 0) {
  store.eval(R"(if redis.call('TYPE', ARGV[1]).ok == 'list' then
      redis.call('SET', 'was:' .. ARGV[1], redis.call('LINDEX', ARGV[1], ARGV[2]))
      redis.call('LSET', ARGV[1], ARGV[2], '\193')
    else
      redis.call('RENAME', ARGV[1], 'was:' .. ARGV[1])
      redis.call('SET', ARGV[1], '\193') end)",
             {store.key(name), std::to_string(element)});
}
inline void unspoil(Store& store, const std::string& name, int element = 0) {
  store.eval(R"(if redis.call('TYPE', ARGV[1]).ok == 'list' then
      redis.call('LSET', ARGV[1], ARGV[2], redis.call('GETDEL', 'was:' .. ARGV[1]))
    else
      redis.call('RENAME', 'was:' .. ARGV[1], ARGV[1]) end)",
             {store.key(name), std::to_string(element)});
}

/// Whether an audit found something under this code.
inline bool has_code(const boost::json::array& findings, std::string_view code) {
  for (const auto& finding : findings) {
    if (text_of(finding.as_object(), "code") == code) return true;
  }
  return false;
}

struct Damaged : StoreFixture {
  std::string waiting, offered, active;

  Damaged() {
    available({.name = "ani", .capacity = 200});
    active = taken();
    offered = text_of(arrive(), "conversation");
    waiting = text_of(arrive(), "conversation");
    REQUIRE(audit().empty());
  }
  void damage(std::vector<std::string> words) {
    words.at(1) = store.key(words.at(1));
    store.command(std::move(words));
  }
  /// What the scripts keep of the roster between calls is read afresh.
  void forget_roster() {
    store.eval(R"(local n = {cmsgpack.unpack(redis.call('HGET', ARGV[1], 'numbers'))}
      n[5] = n[5] + 1
      redis.call('HSET', ARGV[1], 'numbers', cmsgpack.pack(unpack(n))))",
               {store.key("meta")});
  }
  /// Another value (JSON) in a record; empty: none.
  void change(const std::string& name, const std::string& field, const std::string& value) {
    store.eval(R"(local list = redis.call('TYPE', ARGV[1]).ok == 'list'
      local record = cmsgpack.unpack(list and redis.call('LINDEX', ARGV[1], 0) or redis.call('GET', ARGV[1]))
      record[ARGV[2]] = ARGV[3] ~= '' and cjson.decode(ARGV[3]) or nil
      local packed = cmsgpack.pack(record)
      if list then redis.call('LSET', ARGV[1], 0, packed) else redis.call('SET', ARGV[1], packed) end)",
               {store.key(name), field, value});
  }
  /// Found under this code, mended, and nothing is left of it; no conversation is lost.
  void finds(std::string_view code) {
    const auto findings = audit(true);
    CHECK_MESSAGE(has_code(findings, code), std::string(code), " in ", json::serialize(findings));
    const auto left = audit();
    CHECK_MESSAGE(left.empty(), json::serialize(left));
    for (const auto& id : {waiting, offered, active}) CHECK_FALSE(state(id).empty());
  }
};

}  // namespace peyk::test
