# peyk_library(NAME LINKS …): the library of one top-level folder, from all sources below it, except those in EXCLUDE.
function(peyk_library name)
  cmake_parse_arguments(ARG "" "" "LINKS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  foreach(pattern IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  add_library(peyk_${name} STATIC ${sources})
  target_link_libraries(peyk_${name} PUBLIC peyk_flags peyk_boost ${ARG_LINKS})
  peyk_precompile_product(peyk_${name})
endfunction()

# Each group of targets has the same flags and one precompiled header, which belongs to the first that asks for it.
function(peyk_precompile target group header)
  get_property(owner GLOBAL PROPERTY "PEYK_PRECOMPILED_${group}")
  if(owner)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  else()
    set_property(GLOBAL PROPERTY "PEYK_PRECOMPILED_${group}" ${target})
    target_precompile_headers(${target} PRIVATE "${CMAKE_SOURCE_DIR}/${header}")
  endif()
endfunction()

# For what ships, and for what measures it.
function(peyk_precompile_product target)
  if(target MATCHES "^peyk_(base|config)$")
    peyk_precompile(${target} base base/precompiled.h)
  else()
    peyk_precompile(${target} product routing/precompiled.h)
  endif()
endfunction()

# For tests: their own code runs once, so optimising it takes far longer than it saves. Sanitizers bring their own -O.
function(peyk_precompile_tests target)
  if(NOT PEYK_SANITIZE)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
  endif()
  peyk_precompile(${target} tests tests/support/precompiled.h)
endfunction()
