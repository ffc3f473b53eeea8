"""Coming in by phone, changing the number, devices, and from WeChat's browser into another."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.factories.members import (
    PASSWORD,
    acts_for,
    make_cluster,
    make_member,
    make_user,
    operator,
)
from tests.web.conftest import Browser
from tests.web.entrances import SAFARI, WECHAT, by_phone, quiet_phones, texted
from yunju.kernel import clock, jobs
from yunju.kernel.actor import system
from yunju.kernel.models import Job
from yunju.members.actions import sign_ins, wechat
from yunju.members.models import CarryLink, SignIn, User
from yunju.members.queries import actor_for, cluster_for_host
from yunju.notices.actions import Draft, notify
from yunju.notices.models import ShownText


@pytest.fixture(autouse=True)
def phones(db_app, settings, tmp_path):
    settings.YUNJU_HOME = tmp_path
    quiet_phones()


def number() -> str:
    return f"+86137{User.objects.count():08}"


def test_a_stranger_comes_in_by_phone_in_one_step(browser: Browser, cluster):
    client, phone = browser(), number()
    answer = by_phone(client, cluster, phone, "/shelf?page=2")
    assert answer["Location"] == "/shelf?page=2"
    user = User.objects.get(phone=phone)
    assert (user.email, user.language) == (None, "en")
    page = client.get("/me").content.decode()
    assert f"{phone[3:6]}****{phone[-4:]}" in page
    assert phone[3:] not in page
    assert SignIn.objects.get(user=user).way == "code"


def test_the_same_phone_is_the_same_account(browser: Browser, cluster):
    user = make_user(phone=number(), phone_verified_at=clock.now())
    assert by_phone(browser(), cluster, user.phone[3:])["Location"] == "/"
    assert User.objects.filter(phone=user.phone).count() == 1


def test_the_answer_to_a_known_and_an_unknown_number_is_the_same_page(browser: Browser, cluster):
    known = make_user(phone=number(), phone_verified_at=clock.now()).phone
    unknown, pages = number(), []
    for phone in (known, unknown):
        client = browser()
        answer = client.post("/sign-in", {"phone": phone})
        page = client.get(answer["Location"]).content.decode()
        token = client.cookies["csrftoken"].value
        pages.append((answer.status_code, len(page), phone[-4:] in page, bool(token)))
    assert pages[0] == pages[1]


def test_a_wrong_code_is_told_at_the_field_and_signs_nobody_in(browser: Browser, cluster):
    client = browser()
    client.post("/sign-in", {"phone": number()})
    right = texted(cluster)
    answer = client.post("/sign-in/code", {"code": f"{(int(right) + 1) % 10**6:06}"})
    assert answer.status_code == 422
    assert "does not fit" in str(answer.context["form"].errors["code"])
    assert client.get("/me").status_code == 302
    assert browser().post("/sign-in/code", {"code": right})["Location"] == "/sign-in"
    assert client.post("/sign-in/code", {"code": right})["Location"] == "/"


def test_asking_too_often_is_told_at_the_field(browser: Browser, cluster):
    client, phone = browser(), number()
    client.post("/sign-in", {"phone": phone})
    answer = client.post("/sign-in", {"phone": phone})
    assert answer.status_code == 422
    assert "Ask again in" in answer.content.decode()


def test_the_field_of_the_code_is_filled_by_the_phone(browser: Browser, cluster):
    client = browser()
    client.post("/sign-in", {"phone": number()})
    page = client.get("/sign-in/code").content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page


def test_without_a_sender_only_the_password_is_offered(browser: Browser, settings):
    settings.YUNJU_TRYING_OUT = False
    client = browser()
    assert 'name="phone"' not in client.get("/sign-in").content.decode()
    assert client.get("/demo/phone").status_code == 404


def test_messages_are_shown_to_those_of_this_cluster_only(browser: Browser, cluster):
    other = make_cluster()
    for one in (cluster, other):
        ShownText.objects.create(cluster_id=one.pk, phone="138****0000", words=f"W{one.pk}W", at=clock.now())
    page = browser().get("/demo/phone").content.decode()
    assert f"W{cluster.pk}W" in page
    assert f"W{other.pk}W" not in page


def test_a_number_is_added_after_the_password_and_by_its_own_code(browser: Browser, cluster):
    user, client, phone = make_user(), browser(), number()
    client.force_login(user)
    assert client.get("/me/phone")["Location"] == "/me/confirm?next=/me/phone"
    wrong = client.post("/me/confirm?next=/me/phone", {"password": "wrong"})
    assert wrong.status_code == 422
    assert client.post("/me/confirm?next=/me/phone", {"password": PASSWORD})["Location"] == "/me/phone"
    assert client.post("/me/phone", {"phone": phone}).status_code == 200
    assert client.post("/me/phone", {"phone": phone, "code": texted(cluster)})["Location"] == "/me"
    user.refresh_from_db()
    assert (user.phone, bool(user.phone_verified_at)) == (phone, True)
    assert client.get("/me").status_code == 200, "this browser goes on"


def test_a_number_is_changed_by_a_code_to_the_old_and_to_the_new(browser: Browser, cluster):
    old, new = number(), "+8615912345678"
    client, elsewhere = browser(), browser()
    by_phone(client, cluster, old)
    user = User.objects.get(phone=old)
    elsewhere.force_login(user)
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert client.get("/me/phone")["Location"] == "/me/confirm?next=/me/phone"
        client.post("/me/confirm?next=/me/phone", {"send": "1"})
        assert client.post("/me/confirm?next=/me/phone", {"code": texted(cluster)})["Location"] == "/me/phone"
        client.post("/me/phone", {"phone": new})
        assert client.post("/me/phone", {"phone": new, "code": texted(cluster)})["Location"] == "/me"
        assert client.get("/me").status_code == 200
        assert elsewhere.get("/me").status_code == 302
    user.refresh_from_db()
    assert user.phone == new


def test_devices_are_listed_and_ended_one_or_all(browser: Browser, cluster):
    user = make_user(phone=number(), phone_verified_at=clock.now())
    here = browser()
    here.defaults["HTTP_USER_AGENT"] = SAFARI
    by_phone(here, cluster, user.phone)
    there, third = (browser() for _ in range(2))
    for client in (there, third):
        client.post("/sign-in", {"email": user.email, "password": PASSWORD, "next": ""})
    page = here.get("/me/devices").content.decode()
    told = (page.count("Sign out there"), "iPhone or iPad · Safari" in page, "Last used" in page)
    assert told == (2, True, True)
    ended = SignIn.objects.filter(user=user, way="password").earliest("pk")
    here.post(f"/me/devices/{ended.pk}/end")
    assert there.get("/me").status_code == 302
    assert third.get("/me").status_code == 200
    assert not Session.objects.filter(session_key=ended.session_key).exists()
    here.post("/me/devices/end")
    assert third.get("/me").status_code == 302
    assert here.get("/me").status_code == 200
    assert SignIn.objects.filter(user=user, ended_at=None).count() == 1


def test_nobody_ends_the_sign_in_of_another(browser: Browser, cluster):
    user = make_user(phone=number(), phone_verified_at=clock.now())
    client = browser()
    by_phone(client, cluster, user.phone)
    one = SignIn.objects.get(user=user)
    assert browser(make_user()).post(f"/me/devices/{one.pk}/end").status_code == 404
    assert client.get("/me").status_code == 200


def test_the_log_shows_what_was_done_in_ones_name(browser: Browser, cluster):
    client = browser()
    by_phone(client, cluster, number())
    page = client.get("/me/log").content.decode()
    assert "Signed in" in page
    assert "Something is not possible" not in page


# --- WeChat ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def download(cluster):
    """A person with a file to fetch."""
    user = make_user()
    job = Job.objects.create(
        cluster_id=cluster.pk, kind="t", by_user_id=user.pk, state="done", asked_at=clock.now(),
        ended_at=clock.now(), file_name="a.xlsx",
    )  # fmt: skip
    Job.objects.filter(pk=job.pk).update(state="running")
    job.refresh_from_db()
    jobs.Progress(job, lambda: False).file("a.xlsx", b"bytes")
    Job.objects.filter(pk=job.pk).update(state="done")
    return user, f"/jobs/{job.code}/file"


def in_wechat(client: Client) -> Client:
    client.defaults["HTTP_USER_AGENT"] = WECHAT
    return client


def test_a_download_in_wechat_goes_to_the_other_browser_signed_in_once(browser: Browser, download):
    user, path = download
    answer = in_wechat(browser(user)).get(path)
    link = answer["Location"]
    assert link.startswith("/e/")
    guide = in_wechat(browser(user)).get(link)
    assert "在浏览器打开" in guide.content.decode()
    assert guide["Referrer-Policy"] == "no-referrer"
    other = browser()
    assert "Continue here" in other.get(link).content.decode()
    assert other.get("/me").status_code == 302, "looking signs nobody in"
    assert user.shown in other.get(link).content.decode(), (
        "a link that somebody else sent is known by the name"
    )
    third = make_user(name="Who was here")
    assert "Who was here" in browser(third).get(link).content.decode()
    assert other.post(link)["Location"] == path
    assert b"".join(other.get(path).streaming_content) == b"bytes"
    assert SignIn.objects.filter(user=user).latest("pk").way == "link"
    again = browser()
    assert again.post(link)["Location"] == "/sign-in"
    assert again.get("/me").status_code == 302


def test_elsewhere_a_download_is_a_download(browser: Browser, download):
    user, path = download
    client = browser(user)
    client.defaults["HTTP_USER_AGENT"] = SAFARI
    answer = client.get(path)
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content) == b"bytes"
    assert not CarryLink.objects.filter(user=user).exists()


def test_a_link_is_over_after_ten_minutes_a_sign_out_or_a_newer_one(browser: Browser, cluster):
    user = make_user()
    by = actor_for(user, cluster)
    late = sign_ins.make_carry(path="/me", by=by)
    with clock.at(clock.now() + timedelta(minutes=10)):
        assert browser().post(f"/e/{late}")["Location"] == "/sign-in"
    older, newer = (sign_ins.make_carry(path="/me", by=by) for _ in range(2))
    assert browser().post(f"/e/{older}")["Location"] == "/sign-in"
    sign_ins.end_all(by=by)
    assert browser().post(f"/e/{newer}")["Location"] == "/sign-in"
    other_cluster = make_cluster()
    elsewhere = sign_ins.make_carry(path="/me", by=by)
    stranger = Client(headers={"host": other_cluster.host})
    assert stranger.post(f"/e/{elsewhere}")["Location"] == "/sign-in"
    assert browser().post(f"/e/{elsewhere}")["Location"] == "/me"


def test_a_link_leads_to_this_site_only(cluster):
    by = actor_for(make_user(), cluster)
    for path in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        with pytest.raises(AssertionError):
            sign_ins.make_carry(path=path, by=by)


def test_elsewhere_leads_to_this_site_only(browser: Browser):
    for away in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        assert browser().get("/elsewhere", {"to": away})["Location"] == "/"
    assert browser().get("/elsewhere", {"to": "/shelf"})["Location"] == "/shelf"


def test_the_pages_work_in_wechat(browser: Browser, cluster):
    client = in_wechat(browser())
    for path in (
        "/",
        "/shelf",
        "/cart",
        "/orders",
        "/sign-in",
        "/sign-up",
        "/open-shop",
        "/fees",
        "/elsewhere",
    ):
        assert client.get(path, follow=True).status_code == 200, path
    by_phone(client, cluster, number())
    for path in ("/me", "/work", "/notices", "/me/notices", "/me/devices", "/me/log", "/jobs", "/join"):
        assert client.get(path).status_code == 200, path


def test_a_verification_file_is_answered_by_the_cluster_s_hosts_alone(browser: Browser, cluster, settings):
    by, other = operator(cluster), make_cluster()
    settings.ALLOWED_HOSTS = ["*", f"go.{cluster.host}"]
    wechat.keep_verify_file(name="MP_verify_Abc123xyz.txt", content="Abc123xyz", by=by)
    wechat.set_share_host(share_host=f"go.{cluster.host}", by=by)
    assert cluster_for_host(f"go.{cluster.host}:443").pk == cluster.pk
    assert cluster_for_host(cluster.host).pk == cluster.pk
    for host in (cluster.host, f"go.{cluster.host}"):
        answer = Client(headers={"host": host}).get("/MP_verify_Abc123xyz.txt")
        assert (answer.content, answer["Content-Type"]) == (b"Abc123xyz", "text/plain; charset=utf-8")
    assert Client(headers={"host": other.host}).get("/MP_verify_Abc123xyz.txt").status_code == 404
    wechat.drop_verify_file(name="MP_verify_Abc123xyz.txt", by=by)
    assert browser().get("/MP_verify_Abc123xyz.txt").status_code == 404


def test_the_operator_sets_what_wechat_asks(browser: Browser, cluster):
    client = browser(User.objects.get(pk=operator(cluster).user_id))
    for name, content in (
        ("MP_verify_Abc123xyz.txt", "<script>"),
        ("../x.txt", "Abc123xyz"),
        ("MP_verify_.txt", "Abc123xyz"),
    ):
        assert client.post("/operator/wechat", {"name": name, "content": content}).status_code == 422
    kept = client.post("/operator/wechat", {"name": "MP_verify_Abc123xyz.txt", "content": "Abc123xyz"})
    assert kept["Location"] == "/operator/wechat"
    assert "MP_verify_Abc123xyz.txt" in client.get("/operator/wechat").content.decode()
    assert client.post("/operator/wechat", {"share_host": "elsewhere.example"}).status_code == 422
    assert client.post("/operator/wechat/Abc123xyz/drop")["Location"] == "/operator/wechat"
    stranger = browser(make_user())
    assert stranger.get("/operator/wechat").status_code == 404


# --- notices and jobs -----------------------------------------------------------------------------------------------


def test_the_bell_counts_and_the_list_leads_on(browser: Browser, cluster):
    member = make_member(cluster)
    user = User.objects.get(pk=acts_for(member).user_id)
    client = browser(user)
    assert "Nothing yet" in client.get("/notices").content.decode()
    draft = Draft(cluster.pk, "order.new", {}, "/shelf", member_id=member.pk, count=4)
    notify(notices=[draft], by=system(cluster.pk))
    page = client.get("/notices").content.decode()
    assert "New orders to ship: 4" in page
    notice = client.get("/notices").context["page"][0]
    assert browser(make_user()).get(f"/notices/{notice.pk}").status_code == 404
    assert client.get("/me").context["unread"] == 1
    assert client.get(f"/notices/{notice.pk}")["Location"] == "/shelf"
    assert client.get("/me").context["unread"] == 0
    notify(notices=[draft], by=system(cluster.pk))
    client.post("/notices/read")
    assert client.get("/me").context["unread"] == 0


def test_wishes_are_kept(browser: Browser, cluster):
    client = browser(make_user())
    assert client.post("/me/notices", {"quiet_from": "1", "quiet_until": ""}).status_code == 422
    assert (
        client.post("/me/notices", {"by_sms": "on", "quiet_from": "0", "quiet_until": "6"})["Location"]
        == "/me/notices"
    )
    assert client.get("/me/notices").context["form"].initial["quiet_until"] == 6


def test_robots_are_the_members_own(browser: Browser, cluster):
    member = make_member(cluster)
    client = browser(User.objects.get(pk=acts_for(member).user_id))
    path = f"/m/{member.code}/robots"
    form = {"name": "群", "address": "https://evil.example/", "secret": "", "language": "zh-hans"}
    assert "no webhook address" in client.post(path, form).content.decode()
    form["address"] = "https://oapi.dingtalk.com/robot/send?access_token=0123456789"
    assert client.post(path, form)["Location"] == path
    robot = client.get(path).context["robots"][0]
    assert "access_token" not in client.get(path).content.decode()
    assert browser(make_user()).get(path).status_code == 404
    assert browser(make_user()).post(f"{path}/{robot.code}", {"step": "end"}).status_code == 404
    assert client.post(f"{path}/{robot.code}", {"step": "nonsense"}).status_code == 404
    assert client.post(f"{path}/{robot.code}", {"step": "end"})["Location"] == path
    assert not client.get(path).context["robots"]


def test_a_job_is_seen_stopped_and_fetched_by_who_asked(browser: Browser, cluster, download):
    user, path = download
    client, stranger, code = browser(user), browser(make_user()), path.split("/")[2]
    assert "a.xlsx" in client.get("/jobs").content.decode()
    assert "Download" in client.get(f"/jobs/{code}").content.decode()
    assert client.get(f"/jobs/{code}/state").json()["go"] == f"/jobs/{code}"
    for address in ("", "/state", "/file"):
        assert stranger.get(f"/jobs/{code}{address}").status_code == 404
        assert browser().get(f"/jobs/{code}{address}").status_code == 302
    for step in ("stop", "again"):
        assert stranger.post(f"/jobs/{code}/{step}").status_code == 404
    Job.objects.filter(code=code).update(state="waiting")
    assert "Stop it" in client.get(f"/jobs/{code}").content.decode()
    assert client.post(f"/jobs/{code}/stop")["Location"] == f"/jobs/{code}"
    assert Job.objects.get(code=code).state == "stopped"
    assert "Run it again" in client.get(f"/jobs/{code}").content.decode()
