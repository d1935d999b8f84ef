"""Ports for servers that cannot be asked which one they got."""
import random
import socket


def free_port():
    """A port of 127.0.0.1 that nothing listens on, below those that the kernel gives to clients."""
    for _ in range(200):
        port = random.randrange(12000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port on 127.0.0.1")
