"""config: how the rooms are put together in one installation.

Words: a *variable* is an environment variable and the only way to set anything; *home* is the folder
(`YUNJU_HOME`) in which an installation keeps what it must not lose; the *application role* is the database role
that everything runs as, the *owner* the one that migrates.

Refuses: settings files beside the environment, values it would have to guess at, and knowledge of any trade.
"""
