#include "config/loader.h"

#include <algorithm>
#include <fstream>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "config/checks.h"
#include "config/context.h"
#include "config/not_yet.h"
#include "config/overrides.h"
#include "config/roster.h"
#include "config/tables.h"
#include "config/version.h"
#include "config/yaml_tree.h"

namespace peyk::config {
namespace {

void sort_problems(std::vector<Problem>& problems) {
  std::sort(problems.begin(), problems.end(), [](const Problem& left, const Problem& right) {
    return std::tie(left.file, left.line, left.column, left.message) <
           std::tie(right.file, right.line, right.column, right.message);
  });
}

bool has_error(const std::vector<Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.severity == Severity::error; });
}

void warn(std::vector<Problem>& problems, const Place& place, std::string message) {
  problems.push_back(Problem{place.file, place.line, place.column, std::move(message), Severity::warning});
}

void check(Context& context, const Node& root, Config& config) {
  context.define(Reference::skill, std::string(kLanguageSkill));
  context.check_references();
  complete(context, root, config);
  check_operation(context, root, config);
  check_channels(context, root, config);
  check_queues(context, root, config);
  check_routes(context, root, config);
  check_agents(context, root, config);
}

LoadResult read(const std::filesystem::path& file, NodePtr root, const LoadOptions& options, LoadResult result) {
  apply_overrides(*root, options.overrides, result.problems);
  Context context(file, options, result.problems);
  auto config = std::make_shared<Config>(config_table().prototype());
  config_table().read(context, *root, *config);
  if (root->kind == Node::Kind::map) check(context, *root, *config);
  for (auto& use : find_not_yet(*root)) {
    warn(result.problems, to_place(use.mark), use.message);
    result.not_yet.push_back(NotYet{std::move(use.key), std::move(use.message)});
  }
  if (!has_error(result.problems)) {
    for (const auto& gap : roster_gaps(*config)) warn(result.problems, gap.place, gap.message);
    config->file = file.string();
    config->config_version = config_version(*config);
    result.config = std::move(config);
  }
  sort_problems(result.problems);
  return result;
}

}  // namespace

std::string to_string(const Problem& problem) {
  const auto* mark = problem.severity == Severity::warning ? "warning: " : "";
  return fmt::format("{}: {}{}", to_string(Place{problem.file, problem.line, problem.column}), mark, problem.message);
}

LoadResult load_text(std::string_view text, const std::filesystem::path& file, const LoadOptions& options) {
  LoadResult result;
  auto root = parse_yaml(text, file.string(), result.problems);
  if (root == nullptr) return result;
  return read(file, std::move(root), options, std::move(result));
}

LoadResult load(const std::filesystem::path& file, const LoadOptions& options) {
  const auto limit = YamlLimits{}.bytes;
  std::ifstream stream(file, std::ios::binary);
  std::string text(limit + 1, '\0');
  if (stream) stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.eof() && (!stream || !stream.is_open())) {
    LoadResult result;
    result.problems.push_back(
        Problem{file.string(), 0, 0, "cannot be read (is it there, and readable?)", Severity::error});
    return result;
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return load_text(text, file, options);
}

}  // namespace peyk::config
