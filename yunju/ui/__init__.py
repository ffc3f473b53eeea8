"""Components, template tags and formats shared by every page. It knows no domain beyond words, money and dates.

`sentences/` has what each code says in English, a file per room; `locale/` beside the rooms has the Chinese. Whoever
adds a text writes both and runs `python -m yunju.ui.compile_messages`; a test finds what was forgotten. It refuses to
guess: a code without a sentence is logged and shown as it is.
"""
