// What of other people's words may stand in the log.
#include "routing/loggable.h"

#include <doctest/doctest.h>

namespace peyk::routing {

TEST_CASE("of a mail server's answer only its codes are logged") {
  CHECK(loggable("550 5.1.1 <sara@x.example>: no such user") == "550 5.1.1");
  CHECK(loggable("421 try later sara@x.example") == "421");
  CHECK(loggable("451") == "451");
  CHECK(loggable("given up: 450 4.2.0 <sara@x.example> greylisted") == "given up: 450 4.2.0");
}

TEST_CASE("our own words are logged but for what looks like an address") {
  CHECK(loggable("cannot reach tcp:mail.x:587: Connection refused") ==
        "cannot reach tcp:mail.x:587: Connection refused");
  CHECK(loggable("no mailbox sara@x.example here") == "no mailbox … here");
  CHECK(loggable("").empty());
}

}  // namespace peyk::routing
