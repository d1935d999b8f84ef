"""What was acknowledged is there once, however often the daemon is killed while every channel is at work."""
from busy_desk import KILLS


def test_nothing_acknowledged_is_lost_or_doubled_when_the_daemon_is_killed(make_busy_desk):
    desk = make_busy_desk()

    def kill():
        desk.daemon.kill9()
        desk.daemon.start(seconds=60)

    desk.under_load(KILLS, kill)
    # Sent, but killed before that was written down: at most what was under way at once.
    assert desk.reckon() <= KILLS * 16
