// Where a matter stands, as a page and as JSON.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "base/net/http.h"
#include "channels/opening.h"
#include "channels/pages/catalogue.h"
#include "channels/status/next_step.h"
#include "routing/reader.h"

namespace peyk::channels::status {

net::Response status_page(const routing::StatusView& view, const NextStep& next, const pages::Catalogue& words,
                          const std::string& timezone, const std::string& token);

boost::json::object status_json(const routing::StatusView& view, const NextStep& next, const Opening& opening);

}  // namespace peyk::channels::status
