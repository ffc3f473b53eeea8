"""The operator's list of words that texts may not have."""

from collections.abc import Sequence

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid
from yunju.members import inputs, policy, wording
from yunju.members.actions.steps import action, lock_cluster, note
from yunju.members.models import ForbiddenWords
from yunju.members.words import Permission


@action
def set_forbidden_words(*, words: Sequence[str], by: Actor) -> tuple[str, ...]:
    """Replace the list. Texts that stand already stay; they are refused when they are changed next."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    kept = _checked(words)
    lock_cluster(by.cluster_id)
    before = wording.words_of(by.cluster_id)
    if kept != before:
        ForbiddenWords.objects.update_or_create(
            cluster_id=by.cluster_id,
            defaults={"words": list(kept), "edited_at": clock.now(), "edited_by": by.user_id},
        )
        added, removed = sorted(set(kept) - set(before)), sorted(set(before) - set(kept))
        note(by, "wording.set", None, count=len(kept), added=added[:50], removed=removed[:50])
    return kept


def _checked(words: Sequence[str]) -> tuple[str, ...]:
    """Each once; at least two letters that count, since one would refuse half of all texts."""
    kept: dict[str, str] = {}
    for given in words:
        word = inputs.text(given, field="words", most=wording.LONGEST, least=0)
        if not word:
            continue
        if len(wording.letters(word)) < 2:
            raise Invalid("text.forbidden_too_short", field="words", word=word)
        kept.setdefault(wording.letters(word), word)
    if len(kept) > wording.MOST_WORDS:
        raise Invalid("text.forbidden_too_many", field="words", most=wording.MOST_WORDS)
    return tuple(kept.values())
