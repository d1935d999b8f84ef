"""A Redis that stands still for longer than every lease, while every channel is at work."""
import time

from busy_desk import FREEZE, FREEZES
from reckoning import all_conversations
from waiting import until


def test_nobody_is_judged_absent_for_a_store_that_stood_still(redis_server, make_busy_desk):
    desk = make_busy_desk(redis_server.url)
    daemon, crowd = desk.daemon, desk.crowd

    def freeze():
        redis_server.freeze()
        try:
            until("the daemon sees it", lambda: daemon.http.get("/readyz").status == 503, 10)
            time.sleep(FREEZE)  # the outage itself: that time passes is what is tested
        finally:
            redis_server.thaw()
        desk.wait_until_ready()

    desk.under_load(FREEZES, freeze)
    assert desk.reckon() == 0
    judged = {key: count for key, count in crowd.presence.items() if key[1] != "available" and key[2]}
    assert not judged, judged
    assert not crowd.revoked["presence"], crowd.revoked
    for conversation in all_conversations(daemon.api("admin")):
        moved = [message for message in conversation["messages"] if message["direction"] == "system"
                 and "Another agent takes over" in message["text"]]
        assert not moved, moved
