#include "routing/simulation/profile.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "config/context.h"
#include "config/yaml_tree.h"

namespace peyk::routing::simulation {
namespace {

using Problems = std::vector<config::Problem>;

constexpr double kMostExpected = 1'000'000;

auto place_of(const config::Problem& problem) {
  return std::tie(problem.line, problem.column, problem.message);
}

void define_names(config::Context& context, const config::Config& config, const ProfileOptions& options) {
  for (const auto& entry : config.channels) context.define(config::Reference::channel, entry.first.str());
  for (const auto& entry : config.queues) context.define(config::Reference::queue, entry.first.str());
  // An agent whom only one of two configurations has is the change that is tried.
  for (const auto& each : options.configs) {
    for (const auto& entry : each->agents) context.define(config::Reference::agent, entry.first.str());
  }
}

bool has_field(const config::Config& config, const std::string& name) {
  return std::any_of(config.channels.begin(), config.channels.end(), [&name](const auto& entry) {
    const auto* form = entry.second.form();
    return form != nullptr && std::any_of(form->fields.begin(), form->fields.end(),
                                          [&name](const auto& field) { return field.name == name; });
  });
}

void check_fields(config::Context& context, const config::Node& root, const config::Config& config) {
  const auto* arrivals = root.find("arrivals");
  if (arrivals == nullptr) return;
  for (const auto& item : arrivals->value->items) {
    const auto* fields = item->find("fields");
    if (fields == nullptr) continue;
    for (const auto& member : fields->value->members) {
      if (!has_field(config, member.key)) {
        context.error(member.mark, fmt::format("no form has a field \"{}\"", member.key.substr(0, 60)));
      }
    }
  }
}

void check_arrivals(config::Context& context, const config::Node& root, const Profile& profile,
                    const ProfileOptions& options) {
  const auto* arrivals = root.find("arrivals");
  if (arrivals == nullptr || profile.arrivals.empty()) {
    if (options.arrivals_required) context.error(root.mark, "\"arrivals\" is missing: nobody would come");
    return;
  }
  double expected = 0;
  for (const auto& stream : profile.arrivals) {
    for (const auto count : stream.per_hour) expected += count;
  }
  if (expected > kMostExpected) {
    context.error(arrivals->mark,
                  fmt::format("{:.0f} conversations a day are more than {:.0f}", expected, kMostExpected));
  }
}

/// The profile read for one of the configurations, and what is wrong with it there.
std::pair<Profile, Problems> read_for(const config::Config& config, const config::Node& root,
                                      const std::filesystem::path& file, const ProfileOptions& options) {
  Problems problems;
  config::Context context(file, {}, problems);
  define_names(context, config, options);
  Profile profile;
  profile_table().read(context, root, profile);
  context.check_references();
  check_fields(context, root, config);
  check_arrivals(context, root, profile, options);
  if (problems.empty()) problems = unfilled(profile.rota, config);
  return {std::move(profile), std::move(problems)};
}

/// What is wrong for one configuration alone says for which.
void add_new(const config::Config& config, const Problems& first, Problems problems, Problems& into) {
  for (auto& problem : problems) {
    const bool known = std::any_of(first.begin(), first.end(),
                                   [&problem](const auto& other) { return place_of(other) == place_of(problem); });
    if (known) continue;
    problem.message += fmt::format(" (for {})", config.file);
    into.push_back(std::move(problem));
  }
}

}  // namespace

ProfileResult load_profile(std::string_view text, const std::filesystem::path& file, const ProfileOptions& options) {
  ProfileResult result;
  const auto root = config::parse_yaml(text, file.string(), result.problems);
  if (root == nullptr) return result;
  std::optional<Profile> profile;
  Problems first;
  for (const auto& config : options.configs) {
    auto [read, problems] = read_for(*config, *root, file, options);
    if (!profile) {
      profile = std::move(read);
      first = problems;
      result.problems.insert(result.problems.end(), problems.begin(), problems.end());
    } else {
      add_new(*config, first, std::move(problems), result.problems);
    }
  }
  std::sort(result.problems.begin(), result.problems.end(),
            [](const auto& left, const auto& right) { return place_of(left) < place_of(right); });
  if (result.problems.empty()) result.profile = std::move(profile);
  return result;
}

}  // namespace peyk::routing::simulation
