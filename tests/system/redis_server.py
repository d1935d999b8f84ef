"""A redis-server of the test's own, that daemons share and that can be killed, frozen and started again."""
import os
import pathlib
import signal
import subprocess

import redis

from waiting import until


class RedisServer:
    """Listens on a Unix socket in `folder`, with an append-only file that is synced on every write.

    `arguments` are further ones of redis-server."""

    def __init__(self, folder, *arguments):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket = self.folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.arguments = arguments
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder), "--save", "",
             "--appendonly", "yes", "--appendfsync", "always", "--logfile", str(self.folder / "redis.log"), *self.arguments],
            stdin=subprocess.DEVNULL)
        until("redis-server answers", self._answers)
        return self

    def client(self):
        return redis.Redis(unix_socket_path=str(self.socket), decode_responses=True)

    def kill9(self):
        self.process.kill()
        self.process.wait(10)

    def freeze(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.thaw()
            self.process.kill()
            self.process.wait(10)

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"redis-server ended with {self.process.returncode}, see {self.folder}/redis.log")
        try:
            return self.client().ping()
        except redis.exceptions.RedisError:
            return False
