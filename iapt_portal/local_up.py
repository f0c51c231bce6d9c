"""`./portal up`: the whole portal on this machine, watched, until Ctrl-C."""

import json
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from iapt_portal import programs
from iapt_portal.local import (
    ROOT,
    Way,
    environment,
    hidden_from_web,
    marked,
    remember,
    running,
)
from iapt_portal.local_processes import (
    CannotStart,
    deaf,
    end_all,
    last_lines,
    run_behind,
    say,
    wait_until,
)
from iapt_portal.local_servers import Server
from iapt_portal.programs import manage

LAST_PORT = 65535
SECONDS_TO_ANSWER = 90

# Retries are not counted: a program that cannot start yet (a database that recovers) may later.
PROGRAM = """
[program:{name}]
command={command}
autorestart=true
startsecs=1
startretries=1000000
stopsignal=TERM
stopwaitsecs=15
killasgroup=true
redirect_stderr=true
stdout_logfile=logs/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=2
"""
SUPERVISOR = """
[supervisord]
nodaemon=true
silent=true
logfile=logs/supervisor.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile=supervisor.pid
childlogdir=logs

[group:portal]
programs=web,worker,beat
"""


def is_free(port: int) -> bool:
    """Whether nobody listens there, on any address that `localhost` may mean."""
    with suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return False
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(wanted: int) -> int:
    """That port or the next free one; CannotStart when there is none."""
    for port in range(wanted, LAST_PORT + 1):
        if is_free(port):
            if port != wanted:
                say(f"portal: port {wanted} is taken, using {port}")
            return port
    raise CannotStart(f"no port is free from {wanted} on")


def _static_state() -> str:
    """What the collected files are made from: changes whenever collecting could differ."""
    files = [ROOT / "uv.lock", ROOT / "iapt_portal" / "settings.py"]
    for room in ROOT.iterdir():
        if room.is_dir() and not room.name.startswith("."):
            files += [path for path in room.rglob("static/**/*") if path.is_file()]
    seen = [f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in sorted(files)]
    return sha256("\n".join([*seen, sys.version]).encode()).hexdigest()


def collect_static(folder: Path, variables: dict[str, str]) -> None:
    """Collects the static files where they changed since they were last collected here."""
    place, stamp = Path(variables["STATIC_DIR"]), folder / "static.state"
    state = f"{place} {_static_state()}"
    if place.exists() and any(place.iterdir()) and stamp.exists() and stamp.read_text() == state:
        return
    log = folder / "logs" / "collectstatic.log"
    run_behind(manage("collectstatic", "--noinput", "--verbosity=0"), variables, ROOT, log)
    stamp.write_text(state)


def prepare(folder: Path, way: Way, variables: dict[str, str]) -> None:
    """Tables, static files and the demonstration or, without it, the published calendar: each only
    where it is not yet."""
    logs = folder / "logs"
    words = manage("migrate", "--noinput", "--verbosity=0")
    run_behind(words, variables, ROOT, logs / "migrate.log")
    collect_static(folder, variables)
    if way.demo:
        accounts = folder / "demo.json"
        if not accounts.exists():
            say("portal: making the demonstration with its past months")
        words = manage("demonstration", "--file", str(accounts))
        run_behind(words, variables, ROOT, logs / "demonstration.log")
        with suppress(OSError):
            accounts.chmod(0o600)
    else:
        run_behind(manage("load_calendar"), variables, ROOT, logs / "calendar.log")


def commands(folder: Path, way: Way) -> dict[str, list[str]]:
    """The programs, each with its role in the database and the keys it may know of."""
    hide = [word for name in hidden_from_web() for word in ("-u", name)]
    bind, schedule = f"127.0.0.1:{way.port}", str(folder / "beat" / "schedule")
    return {
        name: [
            "/usr/bin/env",
            *(hide if program.process == "web" else []),
            f"PORTAL_PROCESS={program.process}",
            *programs.words(name, bind=bind, schedule=schedule),
        ]
        for name, program in programs.PROGRAMS.items()
    }


def write_supervisor(folder: Path, way: Way) -> Path:
    """The file that tells supervisor, started in the folder, what to run.

    % begins a variable in it, and twice over in the name of a log: those are relative.
    """
    parts = [SUPERVISOR]
    for name, command in commands(folder, way).items():
        words = shlex.join(command).replace("%", "%%")
        parts.append(PROGRAM.format(name=name, command=words))
    place = folder / "supervisor.conf"
    place.write_text("".join(parts))
    return place


class Programs:
    """Web, worker and beat under a supervisor, which starts again what dies."""

    def __init__(self, folder: Path, way: Way, variables: dict[str, str]) -> None:
        self.folder, self.variables = folder, variables
        self.file = write_supervisor(folder, way)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the supervisor, out of reach of the terminal's Ctrl-C."""
        command = [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord"]
        with (self.folder / "logs" / "supervisor.out").open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "-c", str(self.file)],
                env=marked(self.folder, self.variables),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stops all three gracefully; a task that takes longer is taken up at the next start."""
        if self.process is not None and self.is_running():
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(40)


@contextmanager
def supervised(folder: Path, way: Way, variables: dict[str, str]) -> Iterator[Programs]:
    """The three programs run; afterwards they do not."""
    programs = Programs(folder, way, variables)
    try:
        programs.start()
        yield programs
    finally:
        with deaf():
            programs.stop()


def _answers(port: int) -> bool:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/health", headers={"Host": f"localhost:{port}"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def wait_for_health(folder: Path, port: int, programs: Programs) -> None:
    """Returns when the web process answers; CannotStart with its last words if it does not."""
    wait_until(lambda: not programs.is_running() or _answers(port), SECONDS_TO_ANSWER, 0.1)
    if not programs.is_running():
        out = folder / "logs" / "supervisor.out"
        raise CannotStart(f"the supervisor ended ({out}):\n{last_lines(out)}")
    if not _answers(port):
        log = folder / "logs" / "web.log"
        raise CannotStart(f"the web process does not answer ({log}):\n{last_lines(log, 40)}")


def _account(account: dict[str, Any]) -> str:
    where = " ".join(account.get("organisations") or [])
    return "  {:<28} {:<22} {:<12} {}".format(
        account["email"], account["password"], account["role"], where
    ).rstrip()


def demonstration_words(folder: Path) -> list[str]:
    """The demonstration's accounts, as lines to print."""
    accounts = json.loads((folder / "demo.json").read_text())
    lines = ["", "  e-mail                       password               role         organisation"]
    lines += [_account(account) for account in accounts["accounts"]]
    staff = next((one["email"] for one in accounts["accounts"] if one["role"] == "staff"), None)
    if staff:
        lines += ["", f"  Staff are asked for a code too:  ./portal manage totp {staff}"]
    return lines


def greeting(folder: Path, way: Way, variables: dict[str, str]) -> str:
    """What to do now: where it is, who may sign in, where mail goes."""
    lines = [f"The portal is at {variables['SITE_ADDRESS']}"]
    if way.demo:
        lines += demonstration_words(folder)
    else:
        lines += ["", "  The first staff account:  ./portal manage staff EMAIL"]
    lines += [
        f"  Mail is kept in:  {variables['MAIL_DIR']}",
        f"  Logs are in:      {folder / 'logs'}",
        "",
        "Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def _tend(server: Server) -> None:
    if not server.is_running():
        say(f"portal: {server.name} ended, starting it again")
        server.start()


def watch(folder: Path, servers: list[Server], programs: Programs) -> None:
    """Until Ctrl-C: starts again what dies. (The supervisor does so for what it runs.)"""
    while True:
        for server in servers:
            _tend(server)
        if not programs.is_running():
            say("portal: the supervisor ended, starting it again")
            _end_programs(folder, servers)
            programs.start()
        time.sleep(0.5)


def _end_programs(folder: Path, servers: list[Server]) -> None:
    """Ends what a killed supervisor left, which would hold the port; not the servers."""
    kept = {server.process.pid for server in servers if server.process}
    end_all(folder, kept)


def run(folder: Path, way: Way) -> None:
    """Starts everything, says where it is, watches over it; KeyboardInterrupt ends it.

    The caller holds the folder. CannotStart when a part does not come up.
    """
    if not way.demo and (folder / "demo.json").exists():
        say(f"portal: this database holds the demonstration; remove {folder} to begin empty")
    with running(folder, durable=True) as servers:
        # Not earlier: what a killed run left, and has just been ended, would hold its port.
        way = Way(free_port(way.port), way.demo)
        remember(folder, way)
        variables = environment(folder, way)
        prepare(folder, way, marked(folder, variables))
        with supervised(folder, way, variables) as programs:
            wait_for_health(folder, way.port, programs)
            print(greeting(folder, way, variables), flush=True)
            watch(folder, servers, programs)
