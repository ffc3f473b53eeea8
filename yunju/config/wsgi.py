"""The WSGI application that the web server loads."""

import atexit
import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yunju.config.settings")
application = get_wsgi_application()

# After Django is set up: rooms may not be imported before. Looks at shops are written behind the pages of this process.
from django.urls import get_resolver  # noqa: E402

from yunju.shops import looks  # noqa: E402

# All pages and the API, now: the first to ask after a start had waited seconds for it on a busy machine, and others with them.
_ = get_resolver().url_patterns

# What is loaded now stays: looking through all of it for garbage took an answer 80 ms now and then.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)

looks.noted.start()
atexit.register(looks.noted.write)
