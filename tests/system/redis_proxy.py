"""Stands between a daemon and its Redis: answers late, or tells another story."""
import asyncio

from sockets import background_loop, call


class RedisProxy:
    """Listens on a Unix socket in `folder`. `delay` holds every reply back so many seconds; `lies` are pairs of bytes of the
    same length: what Redis says, and what is told instead. Once a request with the bytes `last` has gone through, Redis does
    what it asks and nobody hears of it, nor of anything later."""

    def __init__(self, folder, server):
        self.socket, self.server = folder / "proxy.sock", server
        self.url = f"unix://{self.socket}"
        self.delay, self.lies, self.last = 0.0, [], None
        self._listener = call(asyncio.start_unix_server(self._serve, str(self.socket)))

    async def _serve(self, reader, writer):
        from_server, to_server = await asyncio.open_unix_connection(str(self.server.socket))
        await asyncio.gather(self._pass(reader, to_server, False), self._pass(from_server, writer, True))

    async def _pass(self, reader, writer, replies):
        try:
            while chunk := await reader.read(1 << 20):
                if not replies and self.last and self.last in chunk:
                    self.delay = 3600.0
                if replies:
                    await asyncio.sleep(self.delay)
                    for truth, lie in self.lies:
                        chunk = chunk.replace(truth, lie)
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    def stop(self):
        background_loop().call_soon_threadsafe(self._listener.close)
