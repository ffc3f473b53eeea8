"""Words of what leaves the house. The sentences are another room's: `config` hands over how a code becomes one."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings

from yunju.members.models import Cluster

Render = Callable[[str, Mapping[str, Any], str, Cluster], str]
_render: list[Render] = []


def hand_over(render: Render) -> None:
    """Called once at start-up: code, parameters, language and cluster to a sentence."""
    _render[:] = [render]


def sentence(code: str, params: Mapping[str, Any], language: str, cluster: Cluster) -> str:
    """What a code says, in the language of whoever reads it, in the cluster's time and money."""
    return _render[0](code, params, language, cluster)


def name_of(cluster: Cluster, language: str) -> str:
    return cluster.name_zh if language.startswith("zh") else cluster.name_en


def absolute(cluster: Cluster, path: str) -> str:
    """A path of this site as an address that works outside it: under the cluster's own host where it has one."""
    scheme, _, rest = settings.YUNJU_PUBLIC_URL.partition("://")
    host, _, port = rest.partition(":")
    return f"{scheme}://{cluster.host or host}{':' + port if port else ''}{path}"


def covered(phone: str) -> str:
    """A number as logs and lists may show it: `138****5678`."""
    digits = phone.removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) > 7 else "****"
