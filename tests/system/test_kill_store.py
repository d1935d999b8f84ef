"""What was acknowledged is there once, however often Redis is killed while every channel is at work."""
from busy_desk import KILLS


def test_nothing_acknowledged_is_lost_or_doubled_when_redis_is_killed(redis_server, make_busy_desk):
    desk = make_busy_desk(redis_server.url)
    pid = desk.daemon.process.pid

    def kill():
        redis_server.kill9()
        redis_server.start()
        desk.wait_until_ready()

    desk.under_load(KILLS, kill)
    assert desk.reckon() == 0
    assert desk.daemon.process.pid == pid
