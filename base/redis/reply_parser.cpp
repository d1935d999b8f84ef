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

  bool take(std::size_t bytes) {
    used += bytes;
    return used <= limit;
  }
};

constexpr std::size_t kLongestNumber = 32;
constexpr std::size_t kLongestLine = std::size_t{64} << 10U;

/// The place of the object that `task` describes: the root, or an item of the parent's array. A null answer makes
/// hiredis stop with an error.
Reply* place_of(const redisReadTask* task) {
  auto* build = static_cast<Build*>(task->privdata);
  if (!build->take(sizeof(Reply))) return nullptr;
  if (task->parent == nullptr) return &build->root;
  auto* parent = static_cast<Reply*>(task->parent->obj);
  // Grows with what arrives, never by what is announced: reserved below is at most a small part of that.
  return &parent->items.emplace_back();
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  auto* build = static_cast<Build*>(task->privdata);
  Reply* reply = build->take(size) ? place_of(task) : nullptr;
  if (reply == nullptr) return nullptr;
  reply->kind = task->type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::text;
  reply->text.assign(text, size);
  return reply;
}

void* create_array(const redisReadTask* task, int size) {
  constexpr int kReserve = 256;
  Reply* reply = place_of(task);
  if (reply == nullptr) return nullptr;
  reply->kind = Reply::Kind::array;
  reply->items.reserve(static_cast<std::size_t>(std::clamp(size, 0, kReserve)));
  return reply;
}

void* create_integer(const redisReadTask* task, long long value) {
  Reply* reply = place_of(task);
  if (reply == nullptr) return nullptr;
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
  explicit State(std::size_t limit) : reader(redisReaderCreateWithFunctions(&functions), &redisReaderFree) {
    build.limit = limit;
    reader->privdata = &build;
  }

  /// What hiredis itself does not refuse: a line that never ends, a bulk that is announced longer than the limit.
  bool acceptable() const {
    const std::string_view rest(reader->buf + reader->pos, reader->len - reader->pos);
    if (reader->ridx < 0 || rest.empty()) return true;
    const int type = reader->rstack[reader->ridx].type;
    if (type == REDIS_REPLY_STRING) {
      long long announced = 0;
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), announced);
      const bool ends = rest.size() <= kLongestNumber || rest.find('\n') <= kLongestNumber;
      return ends && error != std::errc::result_out_of_range &&
             (announced < 0 || std::cmp_less_equal(announced, build.limit));
    }
    return rest.size() <= kLongestLine;
  }

  Build build;
  std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader;
};

ReplyParser::ReplyParser(std::size_t limit_bytes) : state_(std::make_unique<State>(limit_bytes)) {}
ReplyParser::~ReplyParser() = default;
ReplyParser::ReplyParser(ReplyParser&&) noexcept = default;
ReplyParser& ReplyParser::operator=(ReplyParser&&) noexcept = default;

void ReplyParser::feed(std::string_view bytes) {
  redisReaderFeed(state_->reader.get(), bytes.data(), bytes.size());
}

Result<std::optional<Reply>> ReplyParser::next() {
  void* object = nullptr;
  auto& reader = *state_->reader;
  auto& build = state_->build;
  const int status = redisReaderGetReply(&reader, &object);
  if (build.used > build.limit || (status == REDIS_OK && object == nullptr && !state_->acceptable())) {
    return fail(ErrorCode::invalid, fmt::format("a reply is larger than {} bytes", build.limit));
  }
  if (status != REDIS_OK) {
    return fail(ErrorCode::invalid, fmt::format("the peer does not speak Redis: {}", &reader.errstr[0]));
  }
  if (object == nullptr) return std::optional<Reply>();
  build.used = 0;
  return std::optional<Reply>(std::exchange(build.root, Reply{}));
}

bool ReplyParser::in_the_middle() const {
  const auto& reader = *state_->reader;
  constexpr int kUnread = -1;
  const bool inside = reader.ridx > 0 || (reader.ridx == 0 && reader.rstack[0].type != kUnread);
  return inside || reader.len > reader.pos;
}

}  // namespace peyk::redis
