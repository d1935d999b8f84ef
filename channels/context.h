// What a channel is built from: the parts of the house that channels use.
#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/async/worker_pool.h"
#include "base/clock.h"
#include "base/net/http.h"
#include "base/random.h"
#include "base/secret.h"
#include "config/config.h"
#include "routing/blobs.h"
#include "routing/event_feed.h"
#include "routing/intake.h"
#include "routing/reader.h"

namespace peyk::channels {

namespace asio = boost::asio;

/// References outlive every channel. One thread: that of `executor`.
struct ChannelContext {
  asio::any_io_executor executor;
  net::Routes& routes;
  routing::Intake& intake;
  routing::Reader& reader;
  routing::Blobs& blobs;
  routing::EventFeed& events;
  routing::Signals& signals;
  const Clock& clock;
  RandomSource& random;
  WorkerPool& pool;
  Secret key;              // of the desk, the same on all its daemons and for good; each use derives its own from it
  std::string public_url;  // without a slash at its end
};

/// A key of its own for each use ("mail.reply", "chat.visitor"), from the desk's.
Secret derive_key(const Secret& key, std::string_view use);

}  // namespace peyk::channels
