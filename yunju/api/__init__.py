"""The REST interface under /api/v1 and the webhooks of payment providers. Thin: the same actions as the pages.

Words: a *token* acts for one user in one cluster within its *scopes*; a *problem* is a refusal as problem+json; a
*cursor* says where the next page begins.
It refuses unknown keys, numbers in quotes, amounts that a page did not show, and to tell a stranger's object from one
that does not exist. It decides nothing itself.
"""
