"""The words of `./portal`: what each does, with which services. (`portal` itself lists them.)"""

import argparse
import base64
import fcntl
import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from iapt_portal.local import (
    LOCAL,
    ROOT,
    Taken,
    Way,
    are_ready,
    claimed,
    empty,
    environment,
    marked,
    running,
)
from iapt_portal.local_processes import CannotStart, deaf, listen, run_in_front, say, wait_until
from iapt_portal.local_programs import FOR_ACCESS, FOR_TESTS, is_access, missing, need
from iapt_portal.local_up import run
from iapt_portal.programs import manage as manage_words

# So many test runs may go on at once, each with servers of its own.
TEST_PLACES = 16


def up(words: list[str]) -> int:
    """Everything, until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="./portal up")
    parser.add_argument("--port", type=_port, default=Way.port)
    parser.add_argument("--no-demo", action="store_true", help="without invented organisations")
    asked = parser.parse_args(words)
    listen()
    try:
        with claimed(LOCAL, "up"):
            need(FOR_ACCESS, LOCAL)
            run(LOCAL, Way(asked.port, not asked.no_demo))
    except Taken as taken:
        say(f"portal: ./portal {taken} is running in this folder already")
        return 1
    except KeyboardInterrupt:
        say("portal: stopped")
    return 0


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port lies between 1 and 65535")
    return port


@contextmanager
def _a_test_place() -> Iterator[Path]:
    """The first folder for tests that no other run holds: its own servers, keys and files."""
    with ExitStack() as held:
        for number in range(1, TEST_PLACES + 1):
            place = LOCAL / "test" / str(number)
            try:
                held.enter_context(claimed(place, "test"))
            except Taken:
                continue
            yield place
            return
        raise CannotStart(f"{TEST_PLACES} test runs are going on here already")


def _with_test_services(command: list[str]) -> int:
    need(FOR_TESTS, LOCAL)
    listen()
    with _a_test_place() as place, running(place, durable=False):
        empty(place)
        variables = environment(place) | {"TEST": "1"}
        return run_in_front(command, marked(place, variables), ROOT)


def test(words: list[str]) -> int:
    """The tests, from the top of the checkout."""
    return _with_test_services([sys.executable, "-m", "pytest", *words])


def bench(words: list[str]) -> int:
    """The measurements, with the services of the tests; its help needs none."""
    if {"-h", "--help"} & set(words):
        return _become("bench", "./portal bench", words)
    return _with_test_services([sys.executable, "-m", "bench", *words])


@contextmanager
def _in_use(folder: Path) -> Iterator[int]:
    """While held (shared), no other `manage` stops the servers that it started."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "in-use").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield users.fileno()


def manage(words: list[str]) -> int:
    """manage.py, with the servers of a running `up`, else with servers for its own time."""
    command = manage_words(*words)
    with _in_use(LOCAL) as users:
        try:
            with claimed(LOCAL, "manage"):
                return _manage_alone(command, users)
        except Taken as taken:
            return _manage_beside(command, str(taken))


def _manage_alone(command: list[str], users: int) -> int:
    listen()
    with running(LOCAL, durable=True):
        code = run_in_front(command, marked(LOCAL, environment(LOCAL)), Path.cwd())
        with deaf():
            fcntl.flock(users, fcntl.LOCK_EX)
    return code


def _manage_beside(command: list[str], word: str) -> int:
    if not wait_until(lambda: are_ready(LOCAL), 60, 0.1):
        raise CannotStart(f"the servers of the running ./portal {word} do not answer")
    return run_in_front(command, environment(LOCAL), Path.cwd())


def check(words: list[str]) -> int:
    """The desk checker: no services; apt only for an Access file."""
    if any(is_access(word) for word in words) and missing(FOR_ACCESS):
        LOCAL.mkdir(mode=0o711, exist_ok=True)
        need(FOR_ACCESS, LOCAL)
    return _become("validation", "./portal check", words)


def sample(words: list[str]) -> int:
    """The maker of sample submissions: no services."""
    return _become("validation.sample", "./portal sample", words)


def _become(module: str, name: str, words: list[str]) -> int:
    """Goes on as that module; its exit code is ours."""
    sys.argv = [name, *words]
    runpy.run_module(module, run_name="__main__")
    return 0


CODE_CHECKS = {
    "ruff format": ["ruff", "format", "--check", "."],
    "ruff check": ["ruff", "check", "."],
    "mypy": ["mypy"],
    "lint-imports": ["lint-imports"],
}


# The types of models are read with the settings loaded; nothing is ever connected to.
SETTINGS_TO_READ = {
    "SECRET_KEY": "types",
    "REPORT_KEY": base64.b64encode(bytes(32)).decode(),
    "RAW_RECIPIENT": "age1eg2arvnz9v26k7amyjgg942v0wfuvux4xtvlcj8mdqxh54hg2cks6jcc4p",
    "DATABASE_URL": "postgresql:///types",
    "REDIS_URL": "redis://types",
}


def check_code(words: list[str]) -> int:
    """All four, so that one run shows everything that is wrong."""
    beside = Path(sys.executable).parent
    variables = {**SETTINGS_TO_READ, **os.environ}
    wrong = []
    for name, (program, *arguments) in CODE_CHECKS.items():
        say(f"portal: {name}")
        command = [str(beside / program), *arguments, *words]
        if subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode:
            wrong.append(name)
    say(f"portal: failed: {', '.join(wrong)}" if wrong else "portal: all is well")
    return 1 if wrong else 0


WORDS: dict[str, Callable[[list[str]], int]] = {
    "up": up,
    "test": test,
    "manage": manage,
    "check": check,
    "sample": sample,
    "bench": bench,
    "check-code": check_code,
}


def main(words: list[str]) -> int:
    """The exit code of the word that comes first."""
    if not words or words[0] not in WORDS:
        say(f"one of: {' '.join(WORDS)}")
        return 2
    try:
        return WORDS[words[0]](words[1:])
    except CannotStart as failure:
        say(f"portal: {failure}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
