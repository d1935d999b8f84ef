# peyk_library(NAME LINKS …): the library of one top-level folder, from all sources below it, except those in EXCLUDE.
function(peyk_library name)
  cmake_parse_arguments(ARG "" "" "LINKS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  foreach(pattern IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  add_library(peyk_${name} STATIC ${sources})
  target_link_libraries(peyk_${name} PUBLIC peyk_flags peyk_boost ${ARG_LINKS})
  peyk_precompile(peyk_${name})
endfunction()

# What nearly every source of ours includes; compiled once for each kind of target.
function(peyk_precompile target)
  target_precompile_headers(${target} PRIVATE
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/steady_timer.hpp>
    <boost/asio/use_awaitable.hpp> <boost/json.hpp>
    <algorithm> <chrono> <expected> <functional> <map> <memory> <optional> <span> <string> <string_view>
    <unordered_map> <vector> <spdlog/spdlog.h>)
endfunction()
