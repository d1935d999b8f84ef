#include "base/redis/reply_parser.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include <fmt/format.h>
#include <hiredis/read.h>

namespace peyk::redis {
namespace {

/// hiredis passes it to every constructor of a reply object.
struct Build {
  std::size_t limit = 0;
  std::size_t used = 0;
  Reply root;
  Reply nowhere;  // stands for all objects of a reply once it is over the limit

  bool over() const { return used > limit; }

  bool take(std::size_t bytes) {
    if (over()) return false;
    used += bytes;
    if (over()) root = Reply{};
    return !over();
  }
};

constexpr std::size_t kLongestNumber = 32;
constexpr std::size_t kLongestLine = std::size_t{64} << 10U;
constexpr long long kLongestText = 1LL << 30U;  // Redis itself has no longer ones

/// The place of the object that `task` describes: the root, or an item of the parent's array.
Reply* place_of(const redisReadTask* task) {
  auto* build = static_cast<Build*>(task->privdata);
  if (!build->take(sizeof(Reply))) return &build->nowhere;
  if (task->parent == nullptr) return &build->root;
  auto* parent = static_cast<Reply*>(task->parent->obj);
  // Grows with what arrives, never by what is announced: reserved below is at most a small part of that.
  return &parent->items.emplace_back();
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  auto* build = static_cast<Build*>(task->privdata);
  Reply* reply = build->take(size) ? place_of(task) : &build->nowhere;
  if (reply == &build->nowhere) return reply;
  reply->kind = task->type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::text;
  reply->text.assign(text, size);
  return reply;
}

void* create_array(const redisReadTask* task, int size) {
  constexpr int kReserve = 256;
  Reply* reply = place_of(task);
  reply->kind = Reply::Kind::array;
  if (reply != &static_cast<Build*>(task->privdata)->nowhere) {
    reply->items.reserve(static_cast<std::size_t>(std::clamp(size, 0, kReserve)));
  }
  return reply;
}

void* create_integer(const redisReadTask* task, long long value) {
  Reply* reply = place_of(task);
  reply->kind = Reply::Kind::integer;
  reply->integer = value;
  return reply;
}

void* create_nil(const redisReadTask* task) {
  return place_of(task);
}

/// The root is a member of `Build`; nothing is freed apart.
void free_nothing(void* /*object*/) {}

redisReplyObjectFunctions functions{create_string, create_array, create_integer, create_nil, free_nothing};

}  // namespace

struct ReplyParser::State {
  explicit State(std::size_t limit) : reader(make_reader()) { build.limit = limit; }

  using Reader = std::unique_ptr<redisReader, decltype(&redisReaderFree)>;

  Reader make_reader() {
    Reader made(redisReaderCreateWithFunctions(&functions), &redisReaderFree);
    made->privdata = &build;
    return made;
  }

  std::string_view unread() const { return {reader->buf + reader->pos, reader->len - reader->pos}; }

  /// What hiredis itself does not refuse: a line that never ends, a text that is announced longer than the limit.
  bool acceptable() const {
    const auto rest = unread();
    if (reader->ridx < 0 || rest.empty()) return true;
    if (reader->rstack[reader->ridx].type != REDIS_REPLY_STRING) return rest.size() <= kLongestLine;
    long long announced = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), announced);
    const bool ends = rest.size() <= kLongestNumber || rest.find('\n') <= kLongestNumber;
    const auto most = reader->ridx == 0 ? kLongestText : static_cast<long long>(build.limit);
    return ends && error != std::errc::result_out_of_range && announced <= most;
  }

  /// Begins to read past a reply that is one text longer than the limit, of which the announcement is here.
  void pass_over() {
    const auto rest = unread();
    if (reader->ridx != 0 || reader->rstack[0].type != REDIS_REPLY_STRING) return;
    const auto line_end = rest.find("\r\n");
    long long announced = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), announced);
    if (line_end == std::string_view::npos || announced < 0 || std::cmp_less_equal(announced, build.limit)) return;
    to_pass = line_end + 2 + static_cast<std::size_t>(announced) + 2 - rest.size();
    reader = make_reader();
  }

  Reply too_large() {
    build.used = 0;
    build.root = Reply{};
    build.nowhere = Reply{};
    passed = false;
    Reply reply;
    reply.kind = Reply::Kind::error;
    reply.text = fmt::format("ERR a reply is larger than {} bytes", build.limit);
    return reply;
  }

  Build build;
  Reader reader;
  std::size_t to_pass = 0;  // bytes of a reply that is dropped, still to come
  bool passed = false;      // all of it has come
  bool refused = false;     // what announced more than anybody would send is not read on
};

ReplyParser::ReplyParser(std::size_t limit_bytes) : state_(std::make_unique<State>(limit_bytes)) {}
ReplyParser::~ReplyParser() = default;
ReplyParser::ReplyParser(ReplyParser&&) noexcept = default;
ReplyParser& ReplyParser::operator=(ReplyParser&&) noexcept = default;

void ReplyParser::feed(std::string_view bytes) {
  if (state_->to_pass > 0) {
    const auto dropped = std::min(state_->to_pass, bytes.size());
    bytes.remove_prefix(dropped);
    state_->to_pass -= dropped;
    state_->passed = state_->to_pass == 0;
  }
  redisReaderFeed(state_->reader.get(), bytes.data(), bytes.size());
}

Result<std::optional<Reply>> ReplyParser::next() {
  if (state_->passed) return std::optional<Reply>(state_->too_large());
  if (state_->to_pass > 0) return std::optional<Reply>();
  void* object = nullptr;
  auto& reader = *state_->reader;
  auto& build = state_->build;
  const int status = state_->refused ? REDIS_OK : redisReaderGetReply(&reader, &object);
  if (status == REDIS_OK && object == nullptr && (state_->refused || !state_->acceptable())) {
    state_->refused = true;
    return fail(ErrorCode::invalid, fmt::format("a reply is larger than {} bytes", build.limit));
  }
  if (status != REDIS_OK) {
    return fail(ErrorCode::invalid, fmt::format("the peer does not speak Redis: {}", &reader.errstr[0]));
  }
  if (object == nullptr) {
    state_->pass_over();
    return std::optional<Reply>();
  }
  if (build.over()) return std::optional<Reply>(state_->too_large());
  build.used = 0;
  return std::optional<Reply>(std::exchange(build.root, Reply{}));
}

bool ReplyParser::in_the_middle() const {
  const auto& reader = *state_->reader;
  constexpr int kUnread = -1;
  const bool inside = reader.ridx > 0 || (reader.ridx == 0 && reader.rstack[0].type != kUnread);
  return inside || reader.len > reader.pos || state_->to_pass > 0 || state_->passed;
}

}  // namespace peyk::redis
