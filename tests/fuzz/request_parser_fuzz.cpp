// HTTP requests from strangers: the same bytes are the same requests, whole or byte by byte.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/net/request_parser.h"

namespace {

using peyk::net::RequestParser;
using Step = RequestParser::Step;

constexpr std::size_t kHeaderLimit = 1024;
constexpr std::size_t kBodyLimit = 256;

/// What was understood: one line a request, and how it ended.
std::vector<std::string> understand(std::string_view input, std::size_t piece) {
  std::vector<std::string> requests;
  const auto parser = peyk::net::create_request_parser(kHeaderLimit);
  std::string pending;
  for (std::size_t at = 0; at < input.size(); at += piece) {
    pending += input.substr(at, piece);
    for (;;) {
      std::string_view rest = pending;
      const auto step = parser->feed(rest);
      pending.erase(0, pending.size() - rest.size());
      if (step == Step::failed) {
        requests.push_back("failed");
        return requests;
      }
      if (step == Step::head_done) parser->limit_body(kBodyLimit);
      if (step == Step::done) {
        const auto& request = parser->request();
        if (request.body.size() > kBodyLimit) std::abort();
        requests.push_back(request.target + '|' + request.path + '|' + request.body);
        parser->restart();
      }
      if (step == Step::head || step == Step::body) break;
    }
  }
  return requests;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto whole = understand(input, size == 0 ? 1 : size);
  const auto pieces = understand(input, 1);
  // One that fails may be found out a request later or sooner by the limit of its header; what was understood before
  // must agree.
  for (std::size_t at = 0; at < std::min(whole.size(), pieces.size()); ++at) {
    if (whole[at] != "failed" && pieces[at] != "failed" && whole[at] != pieces[at]) std::abort();
  }
  return 0;
}
