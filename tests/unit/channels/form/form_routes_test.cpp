// The form's page and its JSON: fields, files, keys, languages, foreign origins and a store that is down.
#include <doctest/doctest.h>

#include "channels/form/form_type.h"
#include "tests/support/config_text.h"
#include "tests/support/customer_http.h"

namespace peyk::channels::form {
namespace {

using net::Method;
using test::HeaderList;

constexpr const char* kForms = R"(
  contact:
    kind: form
    origins: ["https://kouh.example"]
    fields:
      product: {label: {en: Product, fa: محصول, hy: Ապրանք}, choices: [cooler, blender], required: true}
      serial: {label: {en: Serial number}, max_length: 5}
  plain: {kind: form}
  slow: {kind: form, limits: {submissions: "2/1m"}}
  textual: {kind: form, limits: {attachments: 0}}
)";

struct Forms : test::CustomerSide {
  config::ConfigPtr config = test::load_right(
      test::minimal_with("  site-chat: {kind: chat}", "  site-chat: {kind: chat}" + std::string(kForms)));
  std::unique_ptr<ChannelType> type = create_form_type(context());
  std::vector<std::unique_ptr<Channel>> channels;

  Forms() {
    for (const auto& [name, channel] : config->channels) {
      if (channel.form() == nullptr) continue;
      channels.push_back(type->create(config, channel));
      channels.back()->start();
    }
  }

  net::Response post_json(const std::string& form, std::string body, HeaderList headers = {}) {
    headers.emplace_back("Content-Type", "application/json");
    return ask(Method::post, "/form/" + form, std::move(headers), std::move(body));
  }

  /// The names of the fields refused, in order.
  static std::vector<std::string> refused(const net::Response& response) {
    std::vector<std::string> names;
    for (const auto& error : json(response).at("errors").as_array()) {
      names.emplace_back(error.at("field").as_string());
    }
    return names;
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a form in JSON is stored and answered with where it stands") {
  Forms forms;
  forms.desk.wait = routing::WaitEstimate{119.6, 300};
  const auto response = forms.post_json(
      "contact",
      R"({"name":"  Sara ","email":"Sara@Kouh.example","message":"It leaks.\r\nBadly.","product":"cooler"})");
  CHECK(response.status == 202);
  const auto body = forms.json(response);
  CHECK(body.at("conversation") == "c_1");
  CHECK(body.at("message") == "m_2");
  CHECK(body.at("reference") == "PK-1");
  CHECK(body.at("status_url") == "https://support.kouh.example/status/status-1");
  CHECK(body.at("position") == 1);
  CHECK(body.at("wait") == boost::json::value{{"p50", 120}, {"p90", 300}});
  REQUIRE(forms.desk.received.size() == 1);
  const auto& stored = forms.desk.received.front();
  CHECK(stored.channel == ChannelName("contact"));
  CHECK(stored.kind == routing::ChannelKind::form);
  CHECK(stored.sender_name == "Sara");
  CHECK(stored.sender == routing::Identity{"email", "sara@kouh.example", false});
  CHECK(stored.text == "It leaks.\nBadly.");
  CHECK(stored.fields.at("product") == "cooler");
  CHECK(stored.thread.conversation.empty());
}

TEST_CASE("position and wait are null while nothing is known of them") {
  Forms forms;
  const auto body = forms.json(forms.post_json("plain", R"({"message":"Hello"})"));
  CHECK(body.at("wait").is_null());
  forms.desk.assign(forms.desk.only(), "ani");
}

TEST_CASE("an urlencoded form and one with files are the same to the desk") {
  Forms forms;
  CHECK(forms
            .ask(Method::post, "/form/plain", {{"Content-Type", "application/x-www-form-urlencoded"}},
                 "name=Sara+K&message=%D8%B3%D9%84%D8%A7%D9%85")
            .status == 202);
  CHECK(forms.desk.received.back().text == "سلام");
  CHECK(forms.desk.received.back().sender.kind == "form");
  const std::string multipart =
      "--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nSee the photo\r\n"
      "--x\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"leak.png\"\r\n"
      "Content-Type: image/png\r\n\r\nPNG\r\n--x--\r\n";
  CHECK(
      forms.ask(Method::post, "/form/plain", {{"Content-Type", "multipart/form-data; boundary=x"}}, multipart).status ==
      202);
  const auto& stored = forms.desk.received.back();
  CHECK(stored.text == "See the photo");
  REQUIRE(stored.attachments.size() == 1);
  CHECK(stored.attachments.front().name == "leak.png");
  CHECK(stored.attachments.front().type == "image/png");
  CHECK(stored.attachments.front().size == 3);
  CHECK(forms.blobs.contents.at(stored.attachments.front().id) == "PNG");
}

TEST_CASE("a file comes under any name but that of a text, and not more than allowed") {
  Forms forms;
  const auto post = [&forms](const std::string& field, int count) {
    std::string body = "--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nHi\r\n";
    for (int i = 0; i < count; ++i) {
      body += "--x\r\nContent-Disposition: form-data; name=\"" + field + "\"; filename=\"a\"\r\n\r\nA\r\n";
    }
    return forms.ask(Method::post, "/form/plain", {{"Content-Type", "multipart/form-data; boundary=x"}},
                     body + "--x--\r\n");
  };
  CHECK(post("photo", 1).status == 202);
  CHECK(post("attachments", 10).status == 202);
  CHECK(Forms::refused(post("attachments", 11)) == Names{"attachments"});
  CHECK(Forms::refused(post("subject", 1)) == Names{"subject"});
}

TEST_CASE("wrong fields are refused together, by name, and nothing is stored") {
  Forms forms;
  struct Case {
    const char* body;
    Names fields;
  };
  const std::string long_name(201, 'a');
  const std::string name_case = R"({"message":"x","product":"cooler","name":")" + long_name + "\"}";
  const std::string long_text = R"({"product":"cooler","message":")" + std::string(70'000, 'a') + "\"}";
  const std::vector<Case> cases{
      {R"({})", {"product", "message"}},
      {R"({"message":" \n\t ","product":"cooler"})", {"message"}},
      {R"({"message":"x"})", {"product"}},
      {R"({"message":"x","product":"kettle"})", {"product"}},
      {R"({"message":"x","product":"cooler","serial":"123456"})", {"serial"}},
      {R"({"message":"x","product":"cooler","email":"nobody"})", {"email"}},
      {R"({"message":"x","product":"cooler","colour":"red"})", {"colour"}},
      {R"({"message":5,"product":"cooler"})", {"message"}},
      {R"({"message":["x"],"product":{"a":1}})", {"message", "product"}},
      {name_case.c_str(), {"name"}},
      {long_text.c_str(), {"message"}},
  };
  for (const auto& [body, fields] : cases) {
    CAPTURE(std::string(body).substr(0, 80));
    const auto response = forms.post_json("contact", body);
    CHECK(response.status == 422);
    CHECK(response.headers.get("Content-Type") == "application/problem+json");
    CHECK(Forms::refused(response) == fields);
  }
  CHECK(forms.desk.received.empty());
}

TEST_CASE("a serial number at its limit counts characters, not bytes") {
  Forms forms;
  CHECK(forms.post_json("contact", R"({"message":"x","product":"cooler","serial":"۱۲۳۴۵"})").status == 202);
}

TEST_CASE("the errors speak the reader's language") {
  Forms forms;
  const auto response = forms.post_json("contact", R"({"message":"x"})", {{"Accept-Language", "fa-IR,en;q=0.5"}});
  const std::string message(forms.json(response).at("errors").at(0).at("message").as_string());
  CHECK(message == "محصول: لطفاً این بخش را پر کنید.");
}

TEST_CASE("what the head of a form says is enough to refuse it, so that nothing of it is read") {
  Forms forms;
  const auto most = [&](std::string path, HeaderList headers) {
    net::Request request;
    request.method = Method::post;
    auto match = forms.routes.match(Method::post, path, false);
    request.captures = std::move(match.captures);
    for (auto& [name, value] : headers) request.headers.add(std::move(name), std::move(value));
    return match.entry->body_rule(request);
  };
  constexpr std::size_t kMebibyte = std::size_t{1} << 20U;
  const std::pair<std::string, std::string> json{"Content-Type", "application/json"};
  const std::pair<std::string, std::string> files{"Content-Type", "multipart/form-data; boundary=b"};
  CHECK(most("/form/contact", {json}).value() == kMebibyte);  // chunked: counted as it comes
  CHECK(most("/form/contact", {json, {"Content-Length", "1048576"}}).value() == kMebibyte);
  CHECK(most("/form/contact", {files}).value() > kMebibyte);
  CHECK(most("/form/textual", {files}).value() == kMebibyte);
  const auto large = most("/form/contact", {json, {"Content-Length", "1048577"}, {"Origin", "https://kouh.example"}});
  REQUIRE_FALSE(large.has_value());
  CHECK(large.error().status == 413);
  CHECK(large.error().headers.get("Access-Control-Allow-Origin") == "https://kouh.example");
  const auto page = most("/form/contact", {json, {"Content-Length", "1048577"}, {"Accept", "text/html"}});
  CHECK(page.error().headers.get("Content-Type").starts_with("text/html"));
  CHECK(most("/form/contact", {json, {"Origin", "https://evil.example"}}).error().status == 403);
  CHECK(most("/form/nothing", {json}).error().status == 404);
}

TEST_CASE("a form without files has at most 1 MiB, one with files as much as any request") {
  Forms forms;
  const std::string mebibyte(std::size_t{1} << 20U, 'x');
  const auto too_large = forms.post_json("plain", R"({"message":"m","name":")" + mebibyte + "\"}");
  CHECK(too_large.status == 413);
  const auto urlencoded =
      forms.ask(Method::post, "/form/plain", {{"Content-Type", "application/x-www-form-urlencoded"}},
                "message=m&name=" + mebibyte);
  CHECK(urlencoded.status == 413);
  const auto multipart =
      forms.ask(Method::post, "/form/plain", {{"Content-Type", "multipart/form-data; boundary=b"}},
                "--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nm\r\n"
                "--b\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"a\"\r\n\r\n" +
                    mebibyte + mebibyte + "\r\n--b--\r\n");
  CHECK(multipart.status == 202);
  CHECK(forms.desk.received.size() == 1);
}

TEST_CASE("malformed bodies are 400, other media types 415") {
  Forms forms;
  for (const auto* body : {"", "{", "[]", "\"x\"", "{\"message\":\"\xff\"}", "{\"message\":\"\\ud800\"}"}) {
    CAPTURE(body);
    CHECK(forms.post_json("plain", body).status == 400);
  }
  CHECK(forms.ask(Method::post, "/form/plain", {{"Content-Type", "application/x-www-form-urlencoded"}}, "message=%FF")
            .status == 400);
  CHECK(forms.ask(Method::post, "/form/plain", {{"Content-Type", "text/plain"}}, "hello").status == 415);
  CHECK(forms.ask(Method::post, "/form/plain", {}, "hello").status == 415);
  CHECK(forms.ask(Method::post, "/form/nothing", {{"Content-Type", "application/json"}}, "{}").status == 404);
  CHECK(forms.desk.received.empty());
}

TEST_CASE("the same key and body give the first answer again, another body is a conflict") {
  Forms forms;
  const HeaderList key{{"Idempotency-Key", "order-7"}};
  const auto first = forms.post_json("plain", R"({"message":"Hello","name":"S"})", key);
  const auto again = forms.post_json("plain", R"({"name":"S","message":"Hello"})", key);
  CHECK(again.status == 202);
  CHECK(first.body == again.body);
  CHECK(forms.post_json("plain", R"({"message":"Other"})", key).status == 409);
  CHECK(forms.post_json("contact", R"({"message":"Other","product":"cooler"})", key).status == 202);
  CHECK(forms.desk.received.size() == 2);
  CHECK(forms.post_json("plain", R"({"message":"Hello"})", {{"Idempotency-Key", " "}}).status == 400);
  CHECK(forms.post_json("plain", R"({"message":"Hello"})", {{"Idempotency-Key", std::string(256, 'k')}}).status == 400);
}

TEST_CASE("without a key two equal messages are two") {
  Forms forms;
  forms.post_json("plain", R"({"message":"Hello"})");
  forms.post_json("plain", R"({"message":"Hello"})");
  CHECK(forms.desk.received.size() == 2);
}

TEST_CASE("the page's own key makes a double click one message, a changed text another") {
  Forms forms;
  const HeaderList headers{{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "text/html"}};
  for (const auto* body : {"_once=k1&message=Hello", "_once=k1&message=Hello", "_once=k1&message=Hello+again"}) {
    CHECK(forms.ask(Method::post, "/form/plain", headers, body).status == 202);
  }
  CHECK(forms.desk.received.size() == 2);
}

TEST_CASE("a store that is down is 503 with Retry-After, and the typed text is not lost") {
  Forms forms;
  forms.desk.down = true;
  const auto response = forms.post_json("plain", R"({"message":"Hello"})");
  CHECK(response.status == 503);
  CHECK(response.headers.has("Retry-After"));
  const auto page =
      forms.ask(Method::post, "/form/plain",
                {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "text/html,*/*;q=0.8"}},
                "message=Hello+%3Cb%3E");
  CHECK(page.status == 503);
  CHECK(page.headers.has("Retry-After"));
  CHECK(page.body.find("Hello &lt;b&gt;</textarea>") != std::string::npos);
  forms.desk.down = false;
  forms.blobs.down = true;
  CHECK(forms
            .ask(Method::post, "/form/plain", {{"Content-Type", "multipart/form-data; boundary=x"}},
                 "--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nHi\r\n--x\r\nContent-Disposition: "
                 "form-data; name=\"attachments\"; filename=\"a\"\r\n\r\nA\r\n--x--\r\n")
            .status == 503);
  CHECK(forms.desk.received.empty());
}

TEST_CASE("only so many from one address where a rate is set") {
  Forms forms;
  CHECK(forms.post_json("slow", R"({"message":"1"})").status == 202);
  CHECK(forms.post_json("slow", R"({"message":"2"})").status == 202);
  const auto refused = forms.post_json("slow", R"({"message":"3"})");
  CHECK(refused.status == 429);
  CHECK(refused.headers.get("Retry-After") == "60");
  CHECK(forms.ask(Method::post, "/form/slow", {{"Content-Type", "application/json"}}, R"({"message":"4"})", "192.0.2.2")
            .status == 202);
  forms.clock.advance(std::chrono::seconds(60));
  CHECK(forms.post_json("slow", R"({"message":"5"})").status == 202);
}

TEST_CASE("pages of other sites are refused unless they are listed; no origin is let in") {
  Forms forms;
  const std::string body = R"({"message":"x","product":"cooler"})";
  CHECK(forms.post_json("contact", body, {{"Origin", "https://evil.example"}}).status == 403);
  CHECK(forms.post_json("contact", body, {{"Origin", "null"}}).status == 403);
  CHECK(forms.post_json("contact", body, {{"Origin", "https://support.kouh.example"}}).status == 202);
  CHECK(forms.post_json("contact", body, {{"Origin", "http://127.0.0.1:80"}, {"Host", "127.0.0.1"}}).status == 202);
  CHECK(forms.post_json("contact", body, {{"Origin", "http://evil.example"}, {"Host", "evil.example"}}).status == 403);
  const auto listed = forms.post_json("contact", body, {{"Origin", "https://kouh.example"}});
  CHECK(listed.status == 202);
  CHECK(listed.headers.get("Access-Control-Allow-Origin") == "https://kouh.example");
  CHECK(forms.post_json("plain", R"({"message":"x"})", {{"Origin", "https://kouh.example"}}).status == 403);
}

TEST_CASE("a preflight allows listed origins alone") {
  Forms forms;
  const auto listed = forms.ask(Method::options, "/form/contact",
                                {{"Origin", "https://kouh.example"}, {"Access-Control-Request-Method", "POST"}});
  CHECK(listed.status == 204);
  CHECK(listed.headers.get("Access-Control-Allow-Origin") == "https://kouh.example");
  CHECK(listed.headers.get("Access-Control-Allow-Headers").find("Idempotency-Key") != std::string_view::npos);
  CHECK_FALSE(forms.ask(Method::options, "/form/contact", {{"Origin", "https://evil.example"}})
                  .headers.has("Access-Control-Allow-Origin"));
}

TEST_CASE("the page needs no script and loads nothing, in the reader's language and direction") {
  Forms forms;
  const auto page = forms.ask(Method::get, "/form/contact?lang=fa");
  CHECK(page.status == 200);
  CHECK(page.body.find("<html lang=\"fa\" dir=\"rtl\">") != std::string::npos);
  CHECK(page.body.find("محصول") != std::string::npos);
  CHECK(page.body.find("<script") == std::string::npos);
  CHECK(page.body.find("src=") == std::string::npos);
  const auto policy = page.headers.get("Content-Security-Policy");
  CHECK(policy.starts_with("default-src 'none'; style-src 'sha256-"));
  CHECK(policy.find("unsafe") == std::string_view::npos);
  CHECK(forms.ask(Method::get, "/form/contact", {{"Accept-Language", "de, hy;q=0.8"}}).body.find("Ապրանք") !=
        std::string::npos);
  CHECK(forms.ask(Method::get, "/form/nothing").status == 404);
}

TEST_CASE("a wrong page keeps what was typed and marks what is wrong") {
  Forms forms;
  const auto page = forms.ask(Method::post, "/form/contact?lang=en",
                              {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "text/html"}},
                              "message=It+%3Cscript%3Eleaks&email=nobody&product=");
  CHECK(page.status == 422);
  CHECK(page.body.find("It &lt;script&gt;leaks") != std::string::npos);
  CHECK(page.body.find("<script") == std::string::npos);
  CHECK(page.body.find("value=\"nobody\"") != std::string::npos);
  CHECK(page.body.find("href=\"#f-product\"") != std::string::npos);
  CHECK(page.body.find("aria-invalid=\"true\"") != std::string::npos);
}

TEST_CASE("after a good page comes one with the reference and the way to the status") {
  Forms forms;
  const auto page = forms.ask(Method::post, "/form/contact?lang=en",
                              {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "text/html"}},
                              "message=It+leaks&product=cooler&email=s%40kouh.example");
  CHECK(page.status == 202);
  CHECK(page.body.find("PK-1") != std::string::npos);
  CHECK(page.body.find("href=\"https://support.kouh.example/status/status-1\"") != std::string::npos);
  CHECK(page.body.find("s@kouh.example") != std::string::npos);
}

TEST_CASE("a form that stopped is not there any more, changed settings count at once") {
  Forms forms;
  for (auto& channel : forms.channels) {
    if (channel->name() == ChannelName("plain")) forms.loop.run(channel->stop());
    if (channel->name() != ChannelName("contact")) continue;
    auto changed = test::load_right(
        test::minimal_with("  site-chat: {kind: chat}", "  site-chat: {kind: chat}\n  contact: {kind: form}"));
    CHECK(forms.type->update(*channel, changed, changed->channels.at(ChannelName("contact"))));
  }
  CHECK(forms.post_json("plain", R"({"message":"x"})").status == 404);
  CHECK(forms.post_json("contact", R"({"message":"x"})").status == 202);
}

}  // namespace peyk::channels::form
