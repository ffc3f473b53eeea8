"""What every page shares: components, style and script, template tags, formats, and the sentences of all codes.

Words: a *code* (of a refusal, reason, event or state) becomes a *sentence* in the reader's language.
It refuses to know a domain beyond words, money and dates, and anything that comes from a foreign host.
"""
