"""What a container of the portal does: `python -m iapt_portal.container WORD`.

web, worker, periodic, beat   run that program
prepare                       tables, rights, the published calendar; the demonstration if it is one
healthy PROGRAM               whether the program in this container works (exit 0)
secrets FOLDER                make the files of keys and passwords, where there are none
anything else                 manage.py
"""

import os
import secrets
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

from iapt_portal import programs
from iapt_portal.local_keys import KEYS, make_key

PORT = 8000
SCHEDULE = Path("/tmp/schedule")  # noqa: S108 (a container's own)


def start(name: str) -> None:
    """Becomes the program."""
    os.environ.setdefault("PORTAL_PROCESS", programs.PROGRAMS[name].process)
    words = programs.words(name, bind=f"0.0.0.0:{PORT}", schedule=str(SCHEDULE))
    os.execv(words[0], words)  # noqa: S606


def manage(*words: str) -> int:
    """Django's command line, as the owner of the database unless said otherwise."""
    os.environ.setdefault("PORTAL_PROCESS", "owner")
    return subprocess.call(programs.manage(*words))


def prepare() -> int:
    """Before every start of a new version; as often as one likes. The first fault ends it."""
    steps = [["migrate", "--noinput", "--verbosity=0"], ["load_calendar"], ["demonstration"]]
    return next((code for code in (manage(*step) for step in steps) if code), 0)


def web_answers() -> bool:
    """As the proxy asks, under the first name that the web answers to."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
    headers = {"Host": host, "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/health", headers=headers)
    with suppress(OSError), urllib.request.urlopen(request, timeout=10) as answer:
        return bool(answer.status == 200)
    return False


def node_answers(name: str) -> bool:
    """Asks this container's own node over the queue."""
    node = f"{name}@{socket.gethostname()}"
    words = ["celery", "-A", "iapt_portal", "inspect", "ping", "-d", node, "--timeout", "10"]
    os.environ.setdefault("PORTAL_PROCESS", programs.PROGRAMS[name].process)
    return subprocess.call([sys.executable, "-m", *words], stdout=subprocess.DEVNULL) == 0


def healthy(name: str) -> int:
    """0 where the program does its work, 1 where not."""
    return 0 if (web_answers() if name == "web" else node_answers(name)) else 1


def secret_files() -> dict[str, str]:
    """Every secret of a new set of containers, by the name of its file."""
    made: dict[str, str] = {}
    for name in KEYS:
        made[name] = make_key(name, made)
    owner, web, worker, redis = (secrets.token_urlsafe(24) for _ in range(4))
    return {
        **made,
        "DATABASE_PASSWORD": owner,
        "DATABASE_URL": f"postgresql://iapt:{owner}@postgres/iapt",
        "DATABASE_URL_WEB": f"postgresql://iapt_web:{web}@postgres/iapt",
        "DATABASE_URL_WORKER": f"postgresql://iapt_worker:{worker}@postgres/iapt",
        "REDIS_URL": f"redis://:{redis}@redis:6379/0",
        # Nothing of the queue is kept: what is to be done stands in the database.
        "REDIS_CONF": f'requirepass {redis}\nsave ""\nappendonly no\ndir /tmp',
        # Stays empty where the mail server wants none.
        "MAIL_PASSWORD": "",
    }


def make_secrets(folder: Path) -> int:
    """Writes them all, or none where one is there: with another key nothing could be read.

    Who may pass the folder may read them (the containers' users are others than the host's), so
    the folder is its owner's alone.
    """
    there = sorted(path.name for path in folder.iterdir())
    if there:
        print(f"{folder} holds {', '.join(there)} already. Nothing was made.", file=sys.stderr)
        return 1
    folder.chmod(0o700)
    for name, text in secret_files().items():
        file = folder / name
        file.write_text(f"{text}\n" if text else "")
        file.chmod(0o444)
    print("The secrets are made. Keep a copy of MASTER_KEY, RAW_IDENTITY and REPORT_KEY apart.")
    return 0


def main(arguments: list[str]) -> int:
    """One word and what belongs to it; returns the exit code."""
    word, *rest = arguments or ["help"]
    match word, rest:
        case name, [] if name in programs.PROGRAMS:
            start(name)
            return 1
        case "prepare", []:
            return prepare()
        case "healthy", [name] if name in programs.PROGRAMS:
            return healthy(name)
        case "secrets", [folder]:
            return make_secrets(Path(folder))
        case "help", _:
            print(__doc__)
            return 0
    return manage(word, *rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
