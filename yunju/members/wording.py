"""Words that may not stand in texts of shops and offers: promises of riches, and recruiting.

Folding makes them hard to hide: width, case, spaces, punctuation and invisible characters between the letters do not
count. A word of Latin letters must stand by itself, so that `no risk` is not found in `nori skewers`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from yunju.kernel.errors import Invalid, InvalidMany
from yunju.members.models import ForbiddenWords

MOST_WORDS, LONGEST = 1_000, 40
_CHINESE = (
    # promises of riches
    "躺赚 日入过万 日进斗金 月入过万 月入十万 年入百万 稳赚不赔 包赚 保本高收益 零投资高回报 零投入高回报 零风险高收益"
    " 一夜暴富 财务自由 睡后收入 被动收入 轻松赚大钱 快速致富 暴富 暴利 高额返利 静态收益 动态收益 保证收益 稳定收益"
    # recruiting
    " 招代理 招募代理 招收代理 诚招代理 发展下线 拉下线 拉人头 裂变下级 团队计酬 层级返利 多级分销 三级分销 无限代 推荐奖励金"
    " 拉新奖励 入门费 加盟费 会员费返还 缴费入会 升级代理 招募合伙人 区域合伙人 人脉变现"
)
_ENGLISH = (
    "get rich quick, easy money, passive income, financial freedom, guaranteed income, guaranteed profit,"
    " risk free profit, no risk high return, double your money, make money fast, earn while you sleep, be your own boss,"
    " downline, upline, recruit agents, recruit members, agents wanted, join my team, multi level marketing, mlm,"
    " pyramid scheme, referral bonus, joining fee"
)
DEFAULT_WORDS: tuple[str, ...] = (*_CHINESE.split(), *(word.strip() for word in _ENGLISH.split(",")))
"""What a cluster begins with. Its operator keeps the list from then on."""


def refuse_forbidden(*, cluster_id: int, texts: Mapping[str, str]) -> None:
    """Raise `text.forbidden` at each field (name of the field -> text) that has a word of the cluster's list in it."""
    given = {field: text for field, text in texts.items() if text}
    if not given:
        return
    words = words_of(cluster_id)
    faults = [
        Invalid("text.forbidden", field=field, word=word)
        for field, text in given.items()
        if (word := found_in(text, words))
    ]
    if len(faults) > 1:
        raise InvalidMany(faults)
    if faults:
        raise faults[0]


def words_of(cluster_id: int) -> tuple[str, ...]:
    """The list of a cluster: its operator's, or the one that comes with Yunju."""
    kept = ForbiddenWords.objects.filter(cluster_id=cluster_id).values_list("words", flat=True).first()
    return DEFAULT_WORDS if kept is None else tuple(kept)


def found_in(text: str, words: Iterable[str]) -> str:
    """The word of the list that stands in `text`, as the list has it; empty when there is none. Pure."""
    pattern, listed = _pattern(tuple(words))
    found = pattern.search(_folded(text)) if pattern else None
    return listed[int((found.lastgroup or "w0")[1:])] if found else ""


def letters(word: str) -> str:
    """What counts of a word: its letters and digits, folded."""
    return "".join(char for char in _folded(word) if char.isalnum())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=64)
def _pattern(words: tuple[str, ...]) -> tuple[re.Pattern[str] | None, tuple[str, ...]]:
    """One expression for the whole list: every group is one word, with anything that is no letter between its letters."""
    listed = tuple(word for word in words if letters(word))
    groups = [f"(?P<w{place}>{_spread(letters(word))})" for place, word in enumerate(listed)]
    return (re.compile("|".join(groups)) if groups else None), listed


def _spread(word: str) -> str:
    body = r"[\W_]*".join(re.escape(char) for char in word)
    before = r"(?<![a-z0-9])" if word[0].isascii() else ""
    after = r"(?![a-z0-9])" if word[-1].isascii() else ""
    return before + body + after
