// The index of lanes, kept between calls: as Redis has it, however little of it may be kept.
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/damaged.h"

namespace peyk::test {
namespace {

/// The library's part by itself, with other bounds, and the parts that it calls.
std::string heads_part(int most, int page) {
  std::ifstream file(PEYK_SOURCE_DIR "/routing/store/lib/heads.lua");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bound = [&text](const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
  };
  bound("MOST = 20000", "MOST = " + std::to_string(most));
  bound("PAGE = 1000", "PAGE = " + std::to_string(page));
  return R"(local call, P, D = redis.call, 'h:', {standing = {}}
    D.text = function(number) return string.format('%d', number) end
    function D.kept(name, read)
      D.standing[name] = D.standing[name] or {value = read()}
      return D.standing[name].value
    end
    function D.kept_changed() end
    local kept_most = )" +
         std::to_string(most + page) + "\n" + text;
}

/// Heads come, move and go; now and then all of a class is walked through. What differs from Redis, or "".
constexpr auto kWander = R"(
  local function walk(x)
    local list, heads, from = {}, D.heads(x), 1
    repeat
      for i = from, #heads.demands do list[#list + 1] = {heads.demands[i], heads.ages[i]} end
      heads, from = D.more_heads(x, heads)
    until not heads
    return list
  end
  local function differs(x)
    local list, flat, seen = walk(x), call('ZRANGE', 'h:heads:' .. x.queue .. ':' .. x.class, 0, -1, 'WITHSCORES'), {}
    if #list ~= #flat / 2 then return 'there are ' .. #flat / 2 .. ' and not ' .. #list end
    for i = 1, #list do
      if list[i][2] ~= tonumber(flat[2 * i]) then return 'another order' end
      seen[list[i][1]] = list[i][2]
    end
    for i = 1, #flat, 2 do
      if seen[flat[i]] ~= tonumber(flat[i + 1]) then return 'another head of ' .. flat[i] end
    end
  end
  local classes = {'email:normal:120', 'chat:normal:120', 'chat:high:60'}
  for step = 1, 20000 do
    local queue, class = math.random(2) == 1 and 'a' or 'b', classes[math.random(3)]
    local text, age = 's=' .. math.random(20), math.random(3) > 1 and math.random(9) or nil
    D.set_head(queue, class, text, age, age and math.random(2) == 1)
    for name, x in pairs(D.classes_in(queue)) do
      if math.random(5) == 1 then
        local wrong = differs(x)
        if wrong then return 'step ' .. step .. ', ' .. name .. ': ' .. wrong end
      end
      if tonumber(call('ZSCORE', 'h:busy:' .. queue, name)) ~= x.oldest or
          x.oldest ~= tonumber(call('ZRANGE', 'h:heads:' .. queue .. ':' .. name, 0, 0, 'WITHSCORES')[2]) then
        return 'step ' .. step .. ': another oldest of ' .. name
      end
    end
    local count = 0
    for _, of in pairs(D.standing.lanes.value.queues) do
      for _, x in pairs(of) do count = count + (x.heads and #x.heads.demands or 0) end
    end
    if count ~= D.standing.lanes.value.count then return 'step ' .. step .. ': counts otherwise' end
    if count > kept_most then return 'step ' .. step .. ': keeps ' .. count end
  end
  return '')";

}  // namespace

TEST_CASE_FIXTURE(StoreFixture, "heads are those that Redis has, whatever part of them is kept") {
  for (const auto& [most, page] : {std::pair{1000, 1000}, std::pair{1000, 3}, std::pair{40, 3}, std::pair{7, 2}}) {
    CAPTURE(most);
    CAPTURE(page);
    CHECK(store.eval(heads_part(most, page) + kWander).text.empty());
    store.eval("for _, name in ipairs(redis.call('KEYS', 'h:*')) do redis.call('DEL', name) end");
  }
}

TEST_CASE_FIXTURE(Damaged, "of very many lanes those in front are kept, and the rest alone is read again") {
  store.eval(R"(for i = 1, 30000 do
      redis.call('ZADD', ARGV[1] .. 'heads:service:email:normal:120', i, 'none=' .. i)
    end
    redis.call('ZADD', ARGV[1] .. 'busy:service', 1, 'email:normal:120')
    local n = {cmsgpack.unpack(redis.call('HGET', ARGV[1] .. 'meta', 'numbers'))}
    n[7] = n[7] + 1
    redis.call('HSET', ARGV[1] .. 'meta', 'numbers', cmsgpack.pack(unpack(n))))",
             {store.key("")});
  const auto read = [this] {
    store.command({"CONFIG", "RESETSTAT"});
    by_owner("resolve", active);
    CHECK(offers("ani").size() == 2);
    active =
        text_of(store.call("read_offer", {{"offer", offers("ani").front()}}).at("offer").as_object(), "conversation");
    accept("ani", offers("ani").front());
    const auto stats = store.command({"INFO", "commandstats"}).text;
    const std::string name = "cmdstat_zrange:calls=";
    const auto at = stats.find(name);
    REQUIRE(at != std::string::npos);
    return std::stoi(stats.substr(at + name.size()));
  };
  text_of(arrive(), "conversation");
  CHECK(read() > 30);  // all of them, to the one at the end
  CHECK(read() < 30);  // 30,000 less those that are kept
}

}  // namespace peyk::test
