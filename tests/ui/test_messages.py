import string
import struct
from pathlib import Path

import pytest
from django.utils import translation

from tests.ui import words
from yunju.kernel import loops
from yunju.kernel.errors import Refused
from yunju.ledger import verify
from yunju.ui import compile_messages, messages
from yunju.ui.sentences import SENTENCES

CHINESE = compile_messages.LOCALE / "zh_Hans"
CATALOGUE = compile_messages.joined(sorted((CHINESE / "parts").glob("*.po")))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def percents(text: str) -> list[str]:
    return sorted(words.re.findall(r"%\(\w+\)[sd]", text))


def test_the_committed_catalogue_is_the_compiled_source():
    assert (CHINESE / "LC_MESSAGES" / "django.mo").read_bytes() == compile_messages.compiled(CATALOGUE)


def test_every_marked_text_has_its_chinese():
    singles = {key.split(compile_messages.PLURAL)[0] for key in CATALOGUE}
    assert {text: place for text, place in words.marked().items() if text not in singles} == {}


def test_texts_that_count_have_their_chinese_for_every_number():
    several = {key.split(compile_messages.PLURAL)[0] for key in CATALOGUE if compile_messages.PLURAL in key}
    assert sorted(words.counted().keys() - several) == []


def test_every_code_that_is_raised_has_a_sentence():
    assert {code: place for code, place in words.raised().items() if code not in SENTENCES} == {}


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_has_its_chinese_with_the_same_parameters(code: str):
    chinese = CATALOGUE[code + compile_messages.CONTEXT + SENTENCES[code]]
    assert placeholders(chinese) == placeholders(SENTENCES[code])


def test_marked_texts_keep_their_parameters_in_chinese():
    for key, chinese in CATALOGUE.items():
        if compile_messages.CONTEXT not in key:
            assert percents(chinese) in [percents(form) for form in key.split(compile_messages.PLURAL)], key


def test_every_check_of_the_book_has_words():
    assert [one.title for one in verify.checks() if f"proof.{one.title}" not in SENTENCES] == []


def test_every_loop_of_the_worker_has_words_in_both_languages():
    assert loops.registered
    for name in loops.registered:
        english = SENTENCES[f"loop.{name}"]
        chinese = CATALOGUE[f"loop.{name}{compile_messages.CONTEXT}{english}"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), name
        with translation.override("zh-hans"):
            assert messages.word("loop", name) == chinese


def test_a_refusal_is_told_in_the_language_of_the_page():
    refusal = Refused("price.changed", title="茶杯", shown=3800, now=4000)
    with translation.override("zh-hans"):
        assert messages.of(refusal) == "“茶杯”的价格已由 ¥38.00 变为 ¥40.00。"
    with translation.override("en"):
        assert messages.of(refusal, currency="USD") == "The price of “茶杯” is now $40.00; you saw $38.00."


def test_an_unknown_code_is_a_sentence_too(caplog: pytest.LogCaptureFixture):
    with translation.override("en"):
        assert messages.sentence("no.such") == "Something is not possible here (no.such)."
    assert "no sentence for no.such" in caplog.text


def test_a_parameter_cannot_reach_into_python():
    with translation.override("en"):
        assert "{0.__class__}" in messages.sentence("offer.off_shelf", {"title": "{0.__class__}"})


@pytest.mark.parametrize(
    "text",
    [
        'msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n',
        'msgid "a"\nmsgid "b"\n',
        "msgid a\n",
    ],
)
def test_a_broken_catalogue_is_refused(text: str):
    with pytest.raises(ValueError, match=r"twice|not a string"):
        compile_messages.compiled(compile_messages.read(text))


def test_fuzzy_and_empty_messages_are_left_out():
    text = 'msgid "a"\nmsgstr ""\n\n#, fuzzy\nmsgid "b"\nmsgstr "c"\n\nmsgid "d"\nmsgstr "e"\n"f"\n'
    assert compile_messages.read(text) == {"d": "ef"}


def test_the_compiled_form_is_what_gettext_reads():
    data = compile_messages.compiled({"a": "b"})
    magic, _version, count, first, *_ = struct.unpack("<7I", data[:28])
    assert (magic, count, first) == (0x950412DE, 1, 28)


def test_the_compiler_writes_every_catalogue(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    folder = tmp_path / "zh_Hans" / "parts"
    folder.mkdir(parents=True)
    (folder / "one.po").write_text('msgid "a"\nmsgstr "b"\n')
    (folder / "two.po").write_text('msgid "a"\nmsgstr "b"\n\nmsgid "c"\nmsgstr "d"\n')
    monkeypatch.setattr(compile_messages, "LOCALE", tmp_path)
    assert compile_messages.main() == 0
    made = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.mo"
    assert made.read_bytes() == compile_messages.compiled({"a": "b", "c": "d"})


def test_two_parts_may_not_translate_one_text_differently(tmp_path: Path):
    parts = [tmp_path / "one.po", tmp_path / "two.po"]
    for number, part in enumerate(parts):
        part.write_text(f'msgid "a"\nmsgstr "{number}"\n')
    with pytest.raises(ValueError, match="another part translates"):
        compile_messages.joined(parts)


def test_no_translation_is_left_of_a_text_that_is_gone():
    known = set(words.marked()) | {code + compile_messages.CONTEXT + text for code, text in SENTENCES.items()}
    stale = [key for key in CATALOGUE if key and key.split(compile_messages.PLURAL)[0] not in known]
    assert stale == []
