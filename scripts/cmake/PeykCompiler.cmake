# Compiler, warnings, hardening and sanitizers: one interface target, peyk_flags, that every target of ours links.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "GCC ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines (aggregates, capturing lambdas and ?: beside co_await), "
    "mostly without a warning. Configure with a preset, which uses clang++-19: cmake --preset release")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

set(PEYK_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

find_program(PEYK_CCACHE ccache)
if(PEYK_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_SOURCE_DIR}/scripts/cmake/launch_compiler" "${CMAKE_SOURCE_DIR}" "${PEYK_CCACHE}")
endif()

add_library(peyk_flags INTERFACE)
target_compile_options(peyk_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Werror
  -fstack-protector-strong -fno-omit-frame-pointer
  # The same for libraries and programs, as all of them end in programs: one precompiled header serves both.
  -fPIE -pthread
  # A precompiled header without its time stamp gives the same object twice, which a compiler cache needs.
  "SHELL:-Xclang -fno-pch-timestamp")
target_link_options(peyk_flags INTERFACE -fuse-ld=lld-19 -pie -Wl,-z,relro,-z,now)
target_include_directories(peyk_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(peyk_flags INTERFACE PEYK_VERSION="${PROJECT_VERSION}")

if(PEYK_SANITIZE)
  # The check of vptr opens a pipe to look at memory: in a process without free descriptors it reports what is sound.
  target_compile_options(peyk_flags INTERFACE
    -fsanitize=${PEYK_SANITIZE} -fno-sanitize-recover=all -fno-sanitize=vptr -O1 -g1)
  target_link_options(peyk_flags INTERFACE -fsanitize=${PEYK_SANITIZE})
else()
  target_compile_options(peyk_flags INTERFACE $<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
endif()
