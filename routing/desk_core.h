// What the parts of one desk share, and how they are made.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/random.h"
#include "base/redis/client.h"
#include "routing/agent_work.h"
#include "routing/blobs.h"
#include "routing/intake.h"
#include "routing/outbox.h"
#include "routing/presence.h"
#include "routing/reader.h"
#include "routing/settings.h"
#include "routing/store/runner.h"
#include "routing/wait_estimate.h"

namespace peyk::routing {

class IssueBook;
class SystemTexts;

/// One thread. Outlives the parts, which keep a reference.
struct DeskCore {
  asio::any_io_executor executor;
  RandomSource& random;
  store::Runner& runner;
  WaitEstimator& waits;
  SystemTexts& texts;
  Blobs& blobs;
  SettingsPtr settings;  // swapped by a reload; keep a copy over a wait
};

std::unique_ptr<Intake> create_intake(DeskCore& core);
std::unique_ptr<AgentWork> create_agent_work(DeskCore& core);
std::unique_ptr<Presence> create_presence(DeskCore& core);
std::unique_ptr<Reader> create_reader(DeskCore& core);

/// Event-driven: `wake()` when the stream shows a message for the outbox.
class OutboxWorker : public Outbox {
 public:
  virtual void wake() = 0;
};
std::unique_ptr<OutboxWorker> create_outbox(DeskCore& core, IssueBook& issues);

/// What a message is about to name is kept; `unprocessable` when it is gone.
asio::awaitable<Result<>> keep_attachments(Blobs& blobs, const std::vector<Attachment>& attachments);

/// The id under which mail programs know a message: the same over all attempts to send it.
std::string external_id_of(const MessageId& message, const config::Channel& channel);

}  // namespace peyk::routing
