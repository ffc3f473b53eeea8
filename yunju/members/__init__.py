"""Members: who belongs to a cluster and what each may do.

Words: a *cluster* is the tenant; a *park* carries it, a park has *sites*; a *member* is a person or an organisation
with *capacities* (supplier, shopkeeper, designer, maker, provider, venue, park, operator); a *seat* ties a member to a
park, on site or in the cloud; a *user* is a login that acts for members through *roles*; a *payee* is who the law wants
to know before money leaves, a *payout account* where it goes.
It refuses any key from member to member (nobody is recruited by anybody here), a role given to oneself or above one's
own, a member without an owner, a cluster without an operator, an identity or bank number in the clear, and an event
that is changed afterwards. A stranger's object is not found.
"""
