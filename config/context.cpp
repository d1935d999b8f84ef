#include "config/context.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <numeric>
#include <ranges>
#include <utility>

#include <fmt/format.h>

namespace peyk::config {
namespace {

constexpr std::array<std::string_view, kReferences> kWords{"hours", "skill", "queue", "channel", "agent"};
// A file with more mistakes than this is another kind of file; looking for what each was meant to be takes long.
constexpr std::size_t kMostSuggestions = 200;
constexpr std::size_t kLargestSecret = std::size_t{64} << 10U;

/// Levenshtein's distance, a swap of neighbours counting one.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before(right.size() + 1);
  std::vector<std::size_t> last(right.size() + 1);
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t cost = left[i - 1] == right[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
      const bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[right.size()];
}

}  // namespace

std::string nearest(const std::string& name, const std::vector<std::string>& known) {
  if (name.size() > 64) return {};
  std::string best;
  auto least = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const auto& candidate : known) {
    const auto far = distance(name, candidate);
    if (far >= least) continue;
    least = far;
    best = candidate;
  }
  return best;
}

void Context::error(const Mark& mark, std::string message) {
  problems_.push_back(error_at(mark, std::move(message)));
}

void Context::warning(const Mark& mark, std::string message) {
  auto problem = error_at(mark, std::move(message));
  problem.severity = Severity::warning;
  problems_.push_back(std::move(problem));
}

void Context::unknown(const Mark& mark, std::string_view what, const std::string& name,
                      const std::vector<std::string>& known) {
  const bool many = problems_.size() > kMostSuggestions;
  const auto meant = many ? std::string() : nearest(name, known);
  const auto shown = name.substr(0, 60);
  if (!meant.empty()) {
    error(mark, fmt::format("unknown {} \"{}\"; did you mean \"{}\"?", what, shown, meant));
  } else if (known.empty() || known.size() > 24) {
    error(mark, fmt::format("unknown {} \"{}\"", what, shown));
  } else {
    error(mark, fmt::format("unknown {} \"{}\"; there are {}", what, shown, fmt::join(known, ", ")));
  }
}

void Context::define(Reference kind, const std::string& name) {
  defined_[static_cast<std::size_t>(kind)].insert(name);
}

void Context::refer(Reference kind, const std::string& name, const Mark& mark) {
  uses_.push_back(Use{kind, name, mark});
}

void Context::check_references() {
  for (const auto& use : uses_) {
    const auto& names = defined_[static_cast<std::size_t>(use.kind)];
    if (names.contains(use.name)) continue;
    unknown(use.mark, kWords[static_cast<std::size_t>(use.kind)], use.name, {names.begin(), names.end()});
  }
}

std::optional<Secret> Context::read_secret(const Mark& mark, const std::string& name) {
  const std::filesystem::path given(name);
  std::vector<std::filesystem::path> places;
  if (given.is_absolute()) {
    places.push_back(given);
  } else {
    if (!options_.credentials_directory.empty()) {
      places.push_back(options_.credentials_directory / given);
      // systemd's LoadCredential=peyk:FOLDER names each file of a folder so.
      places.push_back(options_.credentials_directory / ("peyk_" + name));
    }
    places.push_back(file_.parent_path() / given);
  }
  for (const auto& place : places) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(place, failed)) continue;
    std::ifstream stream(place, std::ios::binary);
    std::string text(kLargestSecret + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (!stream.eof() || stream.bad() || text.size() > kLargestSecret) {
      error(mark, fmt::format("the secret file {} cannot be read (or is over 64 KiB)", place.string()));
      return std::nullopt;
    }
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty()) error(mark, fmt::format("the secret file {} is empty", place.string()));
    return Secret(std::move(text));
  }
  const auto looked = std::views::transform(places, [](const auto& place) { return place.string(); });
  const auto message = fmt::format("the secret file is missing: looked for {}", fmt::join(looked, " and "));
  options_.secrets_required ? error(mark, message) : warning(mark, message);
  return std::nullopt;
}

}  // namespace peyk::config
