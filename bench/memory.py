"""Measures the memory that a worker needs for a file beyond what it has loaded before."""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from bench.loading import Loading
from bench.worker import MEGABYTE


class Memory:
    """A worker of its own each time. In megabytes, beside the file's own size unpacked."""

    def __init__(self, loading: Loading):
        self.loading = loading

    def ours(self) -> float:
        submission = self.loading.receipt()
        command = [sys.executable, "-m", "bench.worker", str(submission.id)]
        done = subprocess.run(command, env=as_worker(), stdout=subprocess.PIPE, check=True)
        self.loading.look_at(submission)
        self.loading.forget(submission)
        used = json.loads(done.stdout)
        told = ", ".join(f"{name} {size:.0f}" for name, size in used.items())
        print(f"megabytes of the worker: {told}", file=sys.stderr)
        return used["peak"] - used["imports"]

    def floor(self) -> float:
        return self.loading.file.unpacked / MEGABYTE


def as_worker() -> dict[str, str]:
    """The environment of a worker on the database of the measurements."""
    address = urlsplit(os.environ["DATABASE_URL"])
    address = address._replace(path=f"/{connection.settings_dict['NAME']}")
    return {**os.environ, "DATABASE_URL": urlunsplit(address), "PORTAL_PROCESS": "worker"}
