"""Fixtures: folders, daemons, a Redis to share, a Postfix. What a test starts ends with it; what failed stays on disk."""
import pathlib
import shutil
import tempfile

import pytest

import postfix as postfix_server
from busy_desk import BusyDesk
from peyk import Daemon
from redis_server import RedisServer


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure's report ends with the last lines of each log below the test's folder."""
    report = (yield).get_result()
    setattr(item, f"report_{call.when}", report)
    folder = getattr(item, "peyk_folder", None)
    if report.failed and folder:
        for log in sorted(folder.rglob("*.log")):
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-60:]
            report.sections.append((f"the end of {log}", "\n".join(lines)))


@pytest.fixture(name="folder")
def fixture_folder(request):
    """A folder of the test's own with a short path (Unix sockets take 107 characters); kept when the test fails."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="peyk-"))
    request.node.peyk_folder = folder
    yield folder
    reports = [getattr(request.node, f"report_{when}", None) for when in ("setup", "call")]
    if not any(report and report.failed for report in reports):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(name="make_daemon")
def fixture_make_daemon(folder):
    """make_daemon(config=None, redis_url=None, …): a Daemon, not started yet; stopped and checked at the end."""
    made = []

    def make(*arguments, **options):
        daemon = Daemon(folder / f"d{len(made)}", *arguments, **options)
        made.append(daemon)
        return daemon

    yield make
    try:
        for daemon in made:
            daemon.stop()
    finally:
        for daemon in made:
            if daemon.running():
                daemon.kill9()


@pytest.fixture(name="daemon")
def fixture_daemon(make_daemon):
    """A daemon of the default configuration with its own Redis, ready."""
    return make_daemon().start()


@pytest.fixture(name="redis_server")
def fixture_redis_server(folder):
    """A Redis that several daemons can share."""
    server = RedisServer(folder / "redis").start()
    yield server
    server.stop()


@pytest.fixture(name="make_postfix")
def fixture_make_postfix(folder):
    """make_postfix(lmtp_port, mechanisms=…): a Postfix, started; skips the test where none can be."""
    reason = postfix_server.usable()
    if reason:
        pytest.skip(reason)
    made = []

    def make(lmtp_port, **options):
        server = postfix_server.Postfix(folder / f"p{len(made)}", lmtp_port, **options)
        made.append(server)
        folder.chmod(0o755)
        return server.start()

    yield make
    for server in made:
        server.stop()


@pytest.fixture(name="make_busy_desk")
def fixture_make_busy_desk(make_daemon, make_postfix):
    """make_busy_desk(redis_url=None): a BusyDesk, its crowd at work."""
    made = []

    def make(redis_url=None):
        made.append(BusyDesk(make_daemon, make_postfix, redis_url))
        return made[-1]

    yield make
    for desk in made:
        desk.crowd.stop()
