// A stranger's HTML with its tags made light.
#pragma once

#include <string>
#include <string_view>

namespace peyk::channels::email {

/// The same HTML with what its text depends on: of attributes `href` of links, `alt` of pictures and whether something
/// is hidden; what only changes the looks of letters (b, font, …) as span. HTML's rules open the latter anew in every
/// paragraph after one they were not closed in, and look each attribute up among all before it: both cost the square of
/// the length.
std::string light_tags(std::string_view html);

}  // namespace peyk::channels::email
