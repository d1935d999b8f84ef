// A demand as the store writes it ("cooling=4,fa=3+billing"), in words.
#pragma once

#include <string>
#include <string_view>

namespace peyk::routing {

/// "cooling 4, fa 3, also from billing"; empty for a demand that asks for nothing but the queue.
std::string demand_in_words(std::string_view stored);

}  // namespace peyk::routing
