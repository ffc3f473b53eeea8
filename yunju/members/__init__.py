"""Members: who belongs to a cluster and what each may do.

Words: a *cluster* is the tenant; a *park* carries it, a park has *sites*; a *member* is a person or an organisation
with *capacities* (supplier, shopkeeper, designer, maker, provider, venue, park, operator); a *seat* ties a member to a
park, on site or in the cloud; a *user* is a login that acts for members through *roles*.
It refuses any key from member to member: nobody is recruited by anybody here.
"""
