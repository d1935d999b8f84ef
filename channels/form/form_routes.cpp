#include "channels/form/form_routes.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/net/client_network.h"
#include "base/net/header_value.h"
#include "base/text.h"
#include "channels/form/form_page.h"
#include "channels/pages/layout.h"
#include "channels/web/negotiation.h"
#include "channels/web/origin.h"
#include "channels/web/wait_json.h"

namespace peyk::channels::form {
namespace {

constexpr std::size_t kIdempotencyKeyBytes = 255;
constexpr std::uint64_t kPlainBytes = std::uint64_t{1} << 20U;  // of a form without files
constexpr std::uint64_t kEscaped = 8;                           // bytes that one of a text may take in such a form
constexpr std::size_t kReadOnLoop = std::size_t{64} << 10U;     // more is read on the pool

/// Only files make a form large, and files come as multipart.
std::uint64_t most_bytes(const net::Request& request, const config::FormLimits& limits) {
  const auto type = net::parse_header_value(request.headers.get("Content-Type")).value;
  if (type == "multipart/form-data" && limits.attachments > 0) return std::numeric_limits<std::size_t>::max();
  return std::max<std::uint64_t>(kPlainBytes, kEscaped * limits.text_bytes);
}

Error too_large(std::uint64_t most) {
  return {ErrorCode::too_large, fmt::format("a form without files has at most {} bytes", most), {}, {}};
}

Error foreign() {
  return {ErrorCode::forbidden, "this origin may not post to this form", {}, {}};
}

/// Counts a request as under way for as long as it lives.
class UnderWay {
 public:
  explicit UnderWay(std::shared_ptr<LiveForm> form) : form_(std::move(form)) { ++form_->under_way; }
  ~UnderWay() {
    if (--form_->under_way == 0) form_->idle.notify();
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  std::shared_ptr<LiveForm> form_;
};

net::Response no_such_form(const net::Request& request, std::string_view fallback_language) {
  const bool page = wants_page(request.headers.get("Accept"));
  if (!page) {
    return net::Response::problem(Error{ErrorCode::not_found, "there is no form of that name", {}, {}});
  }
  const auto& words = pages::catalogue(choose_language(request, fallback_language));
  return pages::render_failure(404, words, words.failures.not_found);
}

}  // namespace

/// One request to one form.
struct FormRoutes::Visit {
  const net::Request& request;
  std::shared_ptr<LiveForm> form;
  const config::Channel& channel;
  bool page;  // answered by a page rather than by JSON
  const pages::Catalogue& words;
  std::map<std::string, std::string> typed{};  // to be shown again when something is wrong

  Visit(const net::Request& from, std::shared_ptr<LiveForm> to)
      : request(from),
        form(std::move(to)),
        channel(*form->channel),
        page(wants_page(from.headers.get("Accept"))),
        words(pages::catalogue(choose_language(from, page ? channel.locale : "en"))) {}
};

FormRoutes::FormRoutes(const ChannelContext& context) : context_(context) {
  auto& routes = context_.routes;
  routes.add(net::Method::get, "/form/{channel}", [this](net::Request request) { return get(std::move(request)); });
  routes.add(
      net::Method::post, "/form/{channel}", [this](net::Request request) { return post(std::move(request)); },
      [this](const net::Request& request) { return most_of(request); });
  routes.add(net::Method::options, "/form/{channel}",
             [this](net::Request request) { return options(std::move(request)); });
}

void FormRoutes::add(std::shared_ptr<LiveForm> form) {
  forms_[form->channel->name] = std::move(form);
}

void FormRoutes::remove(const ChannelName& name) {
  forms_.erase(name);
}

std::shared_ptr<LiveForm> FormRoutes::find(const net::Request& request) const {
  const auto found = forms_.find(ChannelName(std::string(request.capture("channel"))));
  return found == forms_.end() ? nullptr : found->second;
}

asio::awaitable<net::Response> FormRoutes::get(net::Request request) {
  const auto form = find(request);
  if (!form) co_return no_such_form(request, "en");
  const auto& words = pages::catalogue(choose_language(request, form->channel->locale));
  co_return form_page(200, *form->channel, words,
                      {.values = {}, .problems = {}, .failure = {}, .once = context_.random.token(16)});
}

asio::awaitable<net::Response> FormRoutes::options(net::Request request) {
  const auto form = find(request);
  if (!form) co_return no_such_form(request, "en");
  const auto kind = judge_origin(request, form->channel->form()->origins, context_.public_url);
  co_return preflight(request, kind, "GET, POST", "Accept, Accept-Language, Content-Type, Idempotency-Key");
}

std::expected<std::size_t, net::Response> FormRoutes::most_of(const net::Request& request) {
  const auto form = find(request);
  if (!form) return std::unexpected(no_such_form(request, "en"));
  const auto kind = judge_origin(request, form->channel->form()->origins, context_.public_url);
  const auto refused = [&](const Error& error) {
    auto refusal = refuse(Visit(request, form), error);
    allow_origin(refusal, request, kind);
    return std::unexpected(std::move(refusal));
  };
  if (kind == OriginKind::foreign) return refused(foreign());
  const auto most = most_bytes(request, form->channel->form()->limits);
  std::uint64_t announced = 0;
  const auto length = request.headers.get("Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), announced);
  if (announced > most) return refused(too_large(most));
  return most;
}

asio::awaitable<net::Response> FormRoutes::post(net::Request request) {
  const auto form = find(request);
  if (!form) co_return no_such_form(request, "en");
  const UnderWay under_way(form);
  const auto kind = judge_origin(request, form->channel->form()->origins, context_.public_url);
  auto body = std::move(request.body);
  Visit visit(request, form);
  if (kind == OriginKind::foreign) {
    auto refusal = refuse(visit, foreign());
    allow_origin(refusal, request, kind);
    co_return refusal;
  }
  auto response = co_await receive(visit, std::move(body));
  allow_origin(response, request, kind);
  co_return response;
}

routing::Inbound FormRoutes::to_inbound(const Visit& visit, const Submission& submission, std::string key,
                                        std::string body_digest) {
  routing::Inbound inbound;
  inbound.channel = visit.channel.name;
  inbound.kind = routing::ChannelKind::form;
  inbound.delivery_key = std::move(key);
  inbound.body_digest = std::move(body_digest);
  // Without an address the sender is nobody we could know again: each message is a person of its own.
  const bool anonymous = submission.email.empty();
  inbound.sender.kind = anonymous ? "form" : "email";
  inbound.sender.value = anonymous ? sha256_hex(inbound.delivery_key) : submission.email;
  inbound.sender_name = submission.name;
  inbound.subject = submission.subject;
  inbound.text = submission.message;
  inbound.fields = submission.fields;
  inbound.locale = choose_language(visit.request, visit.channel.locale);
  return inbound;
}

/// A body as it was read and checked.
struct FormRoutes::Read {
  std::map<std::string, std::string> typed;
  Checked checked;
  std::string digest;  // of what was sent, when nothing is wrong with it
};

asio::awaitable<Result<FormRoutes::Read>> FormRoutes::read(const Visit& visit, std::string body) {
  const std::string type(visit.request.headers.get("Content-Type"));
  const auto size = body.size();
  const auto most = most_bytes(visit.request, visit.channel.form()->limits);
  if (size > most) co_return std::unexpected(too_large(most));
  auto work = [form = visit.form, type, body = std::move(body)]() -> Result<Read> {
    auto raw = read_form(type, body);
    if (!raw) return std::unexpected(raw.error());
    Read read{raw->texts, {}, {}};
    read.checked = check(std::move(*raw), *form->channel->form());
    if (read.checked.problems.empty()) read.digest = digest(read.checked.submission);
    return read;
  };
  if (size <= kReadOnLoop) co_return work();
  co_return co_await context_.pool.run(std::move(work));
}

asio::awaitable<net::Response> FormRoutes::receive(Visit& visit, std::string body) {
  if (auto refusal = throttle(visit)) co_return std::move(*refusal);
  auto read = co_await this->read(visit, std::move(body));
  if (!read) co_return refuse(visit, read.error());
  visit.typed = std::move(read->typed);
  if (!read->checked.problems.empty()) co_return refuse_fields(visit, read->checked.problems);
  auto& submission = read->checked.submission;
  auto body_digest = std::move(read->digest);
  auto key = delivery_key(visit, submission, body_digest);
  if (!key) co_return refuse(visit, key.error());
  auto attachments = co_await store(std::move(submission.files));
  if (!attachments) co_return refuse(visit, attachments.error());
  auto inbound = to_inbound(visit, submission, std::move(*key), std::move(body_digest));
  inbound.attachments = std::move(*attachments);
  const auto accepted = co_await context_.intake.receive(std::move(inbound));
  if (!accepted) co_return refuse(visit, accepted.error());
  co_return answer(visit, *accepted, submission.email);
}

asio::awaitable<Result<std::vector<routing::Attachment>>> FormRoutes::store(std::vector<net::FormFile> files) {
  std::vector<routing::Attachment> attachments;
  for (auto& file : files) {
    const auto size = file.content.size();
    auto id = co_await context_.blobs.put(std::move(file.content));
    if (!id) co_return std::unexpected(std::move(id.error()));
    attachments.push_back(
        {.id = std::move(*id), .name = std::move(file.name), .type = std::move(file.type), .size = size});
  }
  co_return attachments;
}

Result<std::string> FormRoutes::delivery_key(const Visit& visit, const Submission& submission,
                                             const std::string& digest) {
  const auto& name = visit.channel.name.str();
  if (visit.request.headers.has("Idempotency-Key")) {
    const auto key = trim(visit.request.headers.get("Idempotency-Key"));
    if (key.empty() || key.size() > kIdempotencyKeyBytes) {
      return fail(ErrorCode::invalid, fmt::format("Idempotency-Key takes 1 to {} bytes", kIdempotencyKeyBytes));
    }
    return fmt::format("form:{}", sha256_hex(fmt::format("key\n{}\n{}", name, key)));
  }
  // The page's key goes with the text: sent twice it is one message, changed after "back" it is another.
  if (!submission.once.empty()) {
    return fmt::format("form:{}", sha256_hex(fmt::format("once\n{}\n{}\n{}", name, submission.once, digest)));
  }
  return fmt::format("form:{}", context_.random.id(""));
}

std::optional<net::Response> FormRoutes::throttle(const Visit& visit) {
  const auto& rate = visit.channel.form()->limits.submissions;
  if (!rate) return std::nullopt;
  const auto key = fmt::format("{} {}", visit.channel.name.str(), net::client_network(visit.request.peer));
  const auto wait = rates_.refuse(key, *rate, context_.clock.now());
  if (!wait) return std::nullopt;
  auto response = refuse(visit, Error{ErrorCode::throttled, "too many messages from this address", {}, {}});
  response.headers.set("Retry-After", retry_after_seconds(*wait));
  return response;
}

net::Response FormRoutes::refuse_fields(const Visit& visit, const std::vector<Problem>& problems) {
  if (visit.page) {
    return form_page(422, visit.channel, visit.words, {visit.typed, problems, {}, context_.random.token(16)});
  }
  Error error{ErrorCode::unprocessable, "some fields are wrong", {}, {}};
  for (const auto& problem : problems) {
    error.fields.push_back({problem.field, explain(problem, visit.channel, visit.words)});
  }
  return refuse(visit, error);
}

net::Response FormRoutes::refuse(const Visit& visit, const Error& error) {
  const int status = net::status_of(error.code);
  spdlog::info("form.refused channel={} status={} code={}", visit.channel.name.str(), status, to_string(error.code));
  auto problem = net::Response::problem(error);
  if (!visit.page) return problem;
  const auto text = pages::failure_text(visit.words, error.code);
  const bool can_be_sent_again = !visit.typed.empty() || status == 429;
  auto page = can_be_sent_again ? form_page(status, visit.channel, visit.words,
                                            {visit.typed, {}, std::string(text), context_.random.token(16)})
                                : pages::render_failure(status, visit.words, text);
  if (problem.headers.has("Retry-After")) {
    page.headers.set("Retry-After", std::string(problem.headers.get("Retry-After")));
  }
  return page;
}

net::Response FormRoutes::answer(const Visit& visit, const routing::Accepted& accepted,
                                 const std::string& email) const {
  const auto status_url = fmt::format("{}/status/{}", context_.public_url, accepted.status_token);
  if (visit.page) return thanks_page(accepted, email, status_url, visit.words);
  auto response = net::Response::json(202, boost::json::object{{"conversation", accepted.conversation.str()},
                                                               {"message", accepted.message.str()},
                                                               {"reference", accepted.reference},
                                                               {"status_url", status_url},
                                                               {"position", position_json(accepted.position)},
                                                               {"wait", wait_json(accepted.wait)}});
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace peyk::channels::form
