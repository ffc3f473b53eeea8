"""What WeChat asks of a cluster: verification files at the root of its hosts, and a host of their own for share links."""

import re

from django.conf import settings
from django.db import IntegrityError, transaction

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.members import policy
from yunju.members.actions.steps import action, lock_cluster, note
from yunju.members.models import Cluster, VerifyFile, WechatSettings
from yunju.members.words import Permission

NAME = re.compile(r"MP_verify_[A-Za-z0-9]{8,40}\.txt", re.ASCII)
CONTENT = re.compile(r"[A-Za-z0-9]{8,64}", re.ASCII)
HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+", re.ASCII)
FILES_MOST = 10


@action
def keep_verify_file(*, name: str, content: str, by: Actor) -> VerifyFile:
    """Answer WeChat's question under the cluster's hosts; the same name again replaces what was there."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    name, content = name.strip(), content.strip()
    if not NAME.fullmatch(name):
        raise Invalid("members.verify_name", field="name")
    if not CONTENT.fullmatch(content):
        raise Invalid("members.verify_content", field="content")
    lock_cluster(by.cluster_id)
    others = VerifyFile.objects.filter(cluster_id=by.cluster_id).exclude(name=name)
    if others.count() >= FILES_MOST:
        raise Refused("input.too_many", most=FILES_MOST)
    kept, _ = VerifyFile.objects.update_or_create(
        cluster_id=by.cluster_id, name=name, defaults={"content": content, "made_at": clock.now()}
    )
    note(by, "wechat.verify_kept", name=name)
    return kept


@action
def drop_verify_file(*, name: str, by: Actor) -> None:
    """The host answers to that name no more."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    if not VerifyFile.objects.filter(cluster_id=by.cluster_id, name=name).delete()[0]:
        raise NotFound("members.no_verify_file")
    note(by, "wechat.verify_dropped", name=name)


@action
def set_share_host(*, share_host: str, by: Actor) -> WechatSettings:
    """The host of links that people send around; empty: the cluster's own. It must lead to this installation."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    host = share_host.strip().lower()
    if host and not HOST.fullmatch(host):
        raise Invalid("members.host_form", field="share_host")
    if host and host not in settings.ALLOWED_HOSTS:
        raise Invalid("members.host_not_ours", field="share_host")
    lock_cluster(by.cluster_id)
    if host and Cluster.objects.filter(host=host).exclude(pk=by.cluster_id).exists():
        raise Invalid("members.host_taken", field="share_host")
    try:
        with transaction.atomic():
            kept, _ = WechatSettings.objects.update_or_create(
                cluster_id=by.cluster_id, defaults={"share_host": host}
            )
    except IntegrityError as error:
        raise Invalid("members.host_taken", field="share_host") from error
    note(by, "wechat.share_host_set", host=host)
    return kept
