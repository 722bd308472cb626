"""Libraries of Python of the same trade, timed as ours are: the median of five loops."""

import statistics
import time
from importlib.metadata import version

import cachetools
import pybreaker
import stamina
import tenacity

LOOPS = 5
LOOP_TIME_NS = 20_000_000


def measure(name, library, work):
    """Prints the median nanoseconds of one repetition of work."""
    count = 16
    while elapsed(count, work) < LOOP_TIME_NS:
        count *= 2
    value = statistics.median(elapsed(count, work) / count for _ in range(LOOPS))
    print(f"{name}\t{library} {version(library)}\t{value:.2f}")


def elapsed(count, work):
    turns = range(count)
    start = time.perf_counter_ns()
    for _ in turns:
        work()
    return time.perf_counter_ns() - start


def answer():
    return 1


def fail():
    raise ValueError("503")


def main():
    measure("tenacity", "tenacity", tenacity.retry(stop=tenacity.stop_after_attempt(4))(answer))
    measure("stamina", "stamina", stamina.retry(on=ValueError, attempts=4)(answer))

    closed = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=30)
    measure("pybreaker", "pybreaker", lambda: closed.call(answer))

    opened = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=3600)
    for _ in range(5):
        try:
            opened.call(fail)
        except (ValueError, pybreaker.CircuitBreakerError):
            pass

    def rejected():
        try:
            opened.call(answer)
        except pybreaker.CircuitBreakerError:
            return
        raise AssertionError("an open breaker let a call through")

    measure("pybreaker-open", "pybreaker", rejected)

    keys = [("resources/read", f'{{"uri":"file:///pages/{number}"}}') for number in range(100)]
    for name, cache in [
        ("cachetools-lru", cachetools.LRUCache(100)),
        ("cachetools-lfu", cachetools.LFUCache(100)),
        ("cachetools-ttl", cachetools.TTLCache(100, 300)),
    ]:
        for key in keys:
            cache[key] = "{}"
        turns = iter(keys * 100_000)
        measure(name, "cachetools", lambda: cache[next(turns)])


main()
