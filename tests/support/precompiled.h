// What nearly every test includes and instantiates, compiled once; the build alone includes it.
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <doctest/doctest.h>

#include "routing/precompiled.h"
#include "tests/support/loop.h"

namespace peyk::precompiled {

inline void check(test::Loop& loop, const std::string& text, std::string_view view) {
  loop.run(boost::asio::awaitable<void>());
  const auto config = std::make_shared<config::Config>();
  CHECK(text == "");
  CHECK(view == "");
  CHECK(text == text);
  CHECK(text.size() == 0);
  CHECK(text.empty());
  CHECK_MESSAGE(config != nullptr, text);
}

}  // namespace peyk::precompiled
