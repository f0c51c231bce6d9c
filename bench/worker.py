"""`python -m bench.worker SUBMISSION`: a worker for one submission, which prints its memory; with
`process RUN` for one run."""

import json
import os
import resource
import sys
import time
from pathlib import Path

import django

MEGABYTE = 1_000_000
STATUS = Path("/proc/self/status")


def check(key: int) -> dict[str, float]:
    """Megabytes that it holds with all loaded that a worker loads, at the peak of the check, and
    that the process which reads the file held."""
    from iapt_portal.celery import app

    app.loader.import_default_modules()
    from submissions.checking import check_submission
    from validation.reading import child

    imports = _held("VmRSS")
    check_submission(key)
    child._server.stop()
    reading = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / MEGABYTE
    return {"imports": imports, "peak": _held("VmHWM"), "reading": reading}


def process(key: int) -> dict[str, float]:
    """The same of processing, and the seconds of the clock and of its processor."""
    from iapt_portal.celery import app

    app.loader.import_default_modules()
    from extracts import processing

    imports, begun = _held("VmRSS"), time.perf_counter()
    processing.process(key)
    return {
        "imports": imports,
        "peak": _held("VmHWM"),
        "seconds": round(time.perf_counter() - begun, 1),
        "processor": round(time.process_time(), 1),
    }


def _held(what: str) -> float:
    """Of this program alone: the peak that `getrusage` gives is also that of what started it."""
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024 / MEGABYTE


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iapt_portal.settings")
    django.setup()
    told = process(int(sys.argv[2])) if sys.argv[1] == "process" else check(int(sys.argv[1]))
    print(json.dumps(told))
