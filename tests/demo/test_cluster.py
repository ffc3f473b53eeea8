"""`yunju cluster`: the first cluster of an installation without the demonstration, by the command as it is typed."""

import os
import subprocess
import sys

import pytest

from tests.factories.members import make_cluster, make_user, word
from yunju.catalog.models import FeeRule
from yunju.members.models import Cluster, User
from yunju.members.queries import actor_for

pytestmark = pytest.mark.usefixtures("db_app")
PASSWORD = "jade-lantern-418"


def cluster(*words: str, typed: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yunju.cli.main", "cluster", *words]
    return subprocess.run(
        command, env=os.environ.copy(), input=f"{typed}\n", capture_output=True, text=True, check=False
    )


def make(code: str, email: str, *more: str, typed: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    names = ("--name-zh", "西岸集聚区", "--name-en", "West Bank")
    return cluster(
        "make",
        "--code",
        code,
        *names,
        "--host",
        f"{code}.test",
        "--operator-email",
        email,
        *more,
        typed=typed,
    )


def test_a_cluster_is_made_with_its_operator_and_its_fees():
    code, email = f"w-{word()}", f"{word()}@example.com"
    done = make(code, email, "--operator-name", "陈立", "--platform", "3", "--park", "2.5", "--country", "sg")
    assert done.returncode == 0, done.stderr
    made, user = Cluster.objects.get(code=code), User.objects.get(email=email)
    assert email in done.stdout
    assert PASSWORD not in done.stdout + done.stderr
    assert user.check_password(PASSWORD)
    assert (made.currency, made.timezone, made.country) == ("CNY", "Asia/Shanghai", "SG")
    assert actor_for(user, made).is_operator
    fees = FeeRule.objects.get(cluster=made)
    assert (fees.version, fees.platform_bp, fees.park_bp) == (1, 300, 250)


def test_somebody_with_an_account_keeps_its_password():
    user = make_user()
    code = f"w-{word()}"
    assert make(code, user.email, typed="another one").returncode == 0
    user.refresh_from_db()
    assert not user.check_password("another one")
    assert actor_for(user, Cluster.objects.get(code=code)).is_operator


@pytest.mark.parametrize(
    ("code", "more", "typed", "words"),
    [
        ("Not A Code", (), PASSWORD, "code"),
        ("", ("--currency", "QQQ"), PASSWORD, "code: "),
        (None, ("--timezone", "Moon/Sea"), PASSWORD, ""),
        (None, ("--platform", "lots"), PASSWORD, "--platform is a percentage"),
        (None, (), "short", ""),
    ],
)
def test_bad_input_is_refused_in_a_sentence_and_makes_nothing(code, more, typed, words):
    email = f"{word()}@example.com"
    wanted = f"w-{word()}" if code is None else code
    done = make(wanted, email, *more, typed=typed)
    assert done.returncode == 1
    assert done.stderr.startswith("yunju cluster: ")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not User.objects.filter(email=email).exists()
    assert not Cluster.objects.filter(code=wanted).exists()


def test_a_code_is_given_once():
    held = make_cluster()
    email = f"{word()}@example.com"
    assert make(held.code, email).returncode == 1
    assert not User.objects.filter(email=email).exists()


def test_fees_and_rules_change_from_now_on():
    held = make_cluster()
    assert cluster("fees", "--cluster", held.code, "--platform", "1.5").returncode == 0
    assert FeeRule.objects.get(cluster=held).platform_bp == 150
    done = cluster("rules", "--cluster", held.code, "unpaid_minutes=30", "self_purchase=discount")
    assert done.returncode == 0, done.stderr
    assert "unpaid_minutes=30" in done.stdout
    held.refresh_from_db()
    assert (held.unpaid_minutes, held.self_purchase) == (30, "discount")


@pytest.mark.parametrize("word", ["unpaid_minutes=1", "unpaid_minutes=soon", "colour=red", "unpaid_minutes"])
def test_a_rule_out_of_its_range_or_unknown_changes_nothing(word):
    held = make_cluster()
    done = cluster("rules", "--cluster", held.code, word)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    held.refresh_from_db()
    assert held.unpaid_minutes == 15
