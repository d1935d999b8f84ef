"""Waiting with a deadline: the only way in which these tests wait."""
import time


def until(what, condition, seconds=20.0, pause=0.02):
    """The first true value of `condition()`; AssertionError naming `what` when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what}")
        time.sleep(pause)
