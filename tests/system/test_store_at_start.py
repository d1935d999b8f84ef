"""The store goes away in the middle of the daemon's start, when it wants the desk's key: it waits, says so, and serves
when the store is back."""
import pytest

from redis_proxy import RedisProxy
from waiting import until


@pytest.fixture(name="proxy")
def fixture_proxy(folder, redis_server):
    proxy = RedisProxy(folder, redis_server)
    yield proxy
    proxy.stop()


def listens(daemon):
    assert daemon.running(), daemon.log()[-3000:]
    try:
        return daemon.http.get("/livez").status == 200
    except OSError:
        return False


@pytest.mark.parametrize("killed", [False, True], ids=["silent", "killed"])
def test_the_desks_key_is_asked_for_until_it_is_there(make_daemon, proxy, redis_server, killed):
    daemon = make_daemon(redis_url=proxy.url)
    daemon.config["redis"]["timeout"] = "1s"
    daemon.write_config()
    proxy.last = b"peyk:{test}:key\r\n"
    daemon.start(wait=False)
    until("it wants the key", lambda: proxy.delay > 0)
    if killed:
        redis_server.kill9()
    until("/livez says 200", lambda: listens(daemon))
    assert daemon.http.get("/readyz").status == 503
    assert daemon.form("Too early.").status == 503
    assert "channels.started" not in daemon.log()
    proxy.delay, proxy.last = 0.0, None
    if killed:
        redis_server.start()
    daemon.wait_ready()
    assert redis_server.client().get("peyk:{test}:key")
    status_url = daemon.form("Now.").expect(202)["status_url"]
    assert daemon.http.get(status_url[status_url.index("/status/"):]).status == 200
