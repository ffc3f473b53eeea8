"""The settings of an installation, from the environment alone. docs/operations.md explains every variable."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from yunju.config import env
from yunju.kernel.binding import NEVER, Cursor

PACKAGE = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

# --- this installation ------------------------------------------------------------------------------------------
YUNJU_HOME = env.home()
YUNJU_PORT = env.number("YUNJU_PORT", 8000, least=1, most=65535)
YUNJU_PUBLIC_URL = env.origin("YUNJU_PUBLIC_URL", f"http://127.0.0.1:{YUNJU_PORT}")
YUNJU_DATA_KEYS = env.data_keys("YUNJU_DATA_KEYS")  # encrypts identity and bank numbers; first key writes
YUNJU_GATEWAY_PORT = env.number("YUNJU_GATEWAY_PORT", min(YUNJU_PORT + 1, 65535), least=1, most=65535)
YUNJU_GATEWAY_URL = env.origin("YUNJU_GATEWAY_URL", f"http://127.0.0.1:{YUNJU_GATEWAY_PORT}")
YUNJU_GATEWAY_HOME = YUNJU_HOME / "gateway"  # of the simulated gateway, which is a process of its own
YUNJU_PAGE_MEMORY = env.number("YUNJU_PAGE_MEMORY", 5, least=0, most=60)  # seconds; see web/public.py
YUNJU_PROXIES = env.number("YUNJU_PROXIES", 0, least=0, most=5)
# From whom headers of proxies are believed: this machine and private networks, where no stranger's connection begins.
YUNJU_TRUSTED_PROXIES = env.networks(
    "YUNJU_TRUSTED_PROXIES", "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"
)
# For trying things out: the whole installation lives so many hours ahead. config/wiring.py sets the clock.
YUNJU_CLOCK_SHIFT_HOURS = env.clock_shift_hours()
DEBUG = env.switch("YUNJU_DEBUG", default=False)
# On a machine of one's own the page with everybody's text messages is a help, on a public one a hole.
YUNJU_TRYING_OUT = env.switch("YUNJU_TRYING_OUT", default=urlsplit(YUNJU_PUBLIC_URL).hostname in LOOPBACK)
# Empty when not given: Django then refuses at the first use, while type checks and `db roles` still run.
SECRET_KEY = env.text("YUNJU_SECRET_KEY")

# --- the database -----------------------------------------------------------------------------------------------
# The application role owns nothing. Only `yunju migrate` runs as the owner. ATOMIC_REQUESTS stays off: one action is
# one transaction, and an intake action is a batch of many requests.
YUNJU_APP_ROLE = env.identifier("YUNJU_APP_ROLE", "yunju_app")  # migrations grant to it by this name
DATABASE_ROLE = env.one_of("YUNJU_DB_ROLE", "app", ("app", "owner"))
POOL_SIZE = env.number("YUNJU_DB_POOL", 0, least=0, most=200)  # 0: a connection per thread
STATEMENT_TIMEOUT_MS = env.number("YUNJU_STATEMENT_TIMEOUT_MS", 5_000, least=100, most=3_600_000)
# Named here, a setting of the server that loses acknowledged orders does not keep web and worker from starting.
YUNJU_UNSAFE_SETTINGS = env.some_of(
    "YUNJU_UNSAFE_SETTINGS", ("fsync", "full_page_writes", "synchronous_commit")
)
NOWHERE = "postgresql://database-url-is-not-set.invalid/yunju"  # an error at the first query that says why


def _database() -> dict[str, Any]:
    owner = DATABASE_ROLE == "owner"
    found: dict[str, Any] = env.database("DATABASE_OWNER_URL" if owner else "DATABASE_URL", NOWHERE)
    # A migration may build an index for longer than a page may wait. jit cost the order path 60 % of its speed.
    limit = "" if owner else f" -c statement_timeout={STATEMENT_TIMEOUT_MS}"
    found["OPTIONS"]["options"] = f"-c jit=off{limit}"
    found["OPTIONS"].setdefault("connect_timeout", 10)
    found["OPTIONS"]["application_name"] = f"yunju-{DATABASE_ROLE}"
    # Values travel beside the statement; `kernel/binding.py` says what is planned once. Tools with rights to change
    # tables meet every statement once, and some of theirs take no values.
    if not owner:
        found["OPTIONS"] |= {
            "server_side_binding": True,
            "cursor_factory": Cursor,
            "prepare_threshold": NEVER,
        }
    if POOL_SIZE and not owner:
        found["OPTIONS"]["pool"] = {"min_size": min(2, POOL_SIZE), "max_size": POOL_SIZE, "timeout": 5}
        found["CONN_MAX_AGE"] = 0  # Django gives a connection back to the pool after each request
    else:
        found["CONN_MAX_AGE"] = 60
    found["CONN_HEALTH_CHECKS"] = (
        True  # a server that was restarted is met with a new connection, not an error page
    )
    return found


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- rooms and parts --------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "axes",
    "csp",
    "django_htmx",  # for its static file
    "yunju.kernel",
    "yunju.members",
    "yunju.ledger",
    "yunju.notices",
    "yunju.filings",
    "yunju.payments",
    "yunju.catalog",
    "yunju.shops",
    "yunju.orders",
    "yunju.modes.ship",
    "yunju.talks",
    "yunju.insight",
    "yunju.ui",
    "yunju.web",
    "yunju.api",
    "yunju.desk",
    "yunju.config",  # last: it joins the rooms when all are loaded
]
MIDDLEWARE = [
    "yunju.web.arriving.AddressMiddleware",  # first: whatever counts by address counts the right one
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # adds random bytes, so that lengths do not tell secrets (BREACH)
    "csp.middleware.CSPMiddleware",
    "yunju.web.arriving.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "yunju.web.looks.LookMiddleware",
    "yunju.web.public.PublicPages",  # inside the former, which sets the cookie that belongs to a page's token
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "yunju.web.middleware.ClusterMiddleware",  # refusals of everything below become pages in the cluster's name
    "yunju.web.middleware.ActorMiddleware",
    "yunju.web.operating.visiting.VisitMiddleware",  # somebody of the operator looks as a member's person, reading only
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it turns a lock-out raised below into its answer
]
ROOT_URLCONF = "yunju.config.urls"
WSGI_APPLICATION = "yunju.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yunju.web.context.page",
            ],
        },
    },
]

# --- people -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "members.User"
LOGIN_URL = "sign_in"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "yunju.members.backends.OwnPassword",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = "yunju.members.backends.counted_by"
# Its default is the model's own field (email), while Django names the credential `username`: tries would count for nobody.
AXES_USERNAME_FORM_FIELD = "username"
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SAMESITE = "Lax"

# --- what the browser may do ------------------------------------------------------------------------------------
ENCRYPTED = YUNJU_PUBLIC_URL.startswith("https://")
YUNJU_HOSTS = env.hosts(
    "YUNJU_HOSTS"
)  # of further clusters, behind the same scheme and port as the public address
_public = urlsplit(YUNJU_PUBLIC_URL)
_port = f":{_public.port}" if _public.port else ""
ALLOWED_HOSTS = sorted({_public.hostname or "", *LOOPBACK, *YUNJU_HOSTS})
CSRF_TRUSTED_ORIGINS = [YUNJU_PUBLIC_URL, *(f"{_public.scheme}://{host}{_port}" for host in YUNJU_HOSTS)]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        # Browsers hold the answer to a form to this list as well: the buyer is sent on to the gateway's cashier.
        "form-action": [SELF, YUNJU_GATEWAY_URL],
        "frame-ancestors": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = False  # the proxy that ends TLS does that; see docs/operations.md
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if ENCRYPTED else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False  # the operator's other hosts are not ours to promise for
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if YUNJU_PROXIES else None
SESSION_COOKIE_SECURE = ENCRYPTED
CSRF_COOKIE_SECURE = ENCRYPTED

# --- bodies and files -------------------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_PERMISSIONS = 0o640
MEDIA_ROOT = YUNJU_HOME / "media"
MEDIA_URL = "/media/"
PRIVATE_ROOT = YUNJU_HOME / "private"  # never served by path: only through signed links that expire
STATIC_ROOT = YUNJU_HOME / "static"
STATIC_URL = "/static/"
# "collected": file names carry the hash of their content and live forever in a browser; `yunju migrate` collects them.
# "found": files are served from where they lie, for development and tests.
COLLECTED = (
    env.one_of("YUNJU_STATIC", "found" if DEBUG else "collected", ("collected", "found")) == "collected"
)
WHITENOISE_USE_FINDERS = not COLLECTED
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "yunju.ui.binding.BoundSheet",  # many style sheets by idea, one for the browser
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": PRIVATE_ROOT,
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

# --- words and times --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- jobs, mail, log --------------------------------------------------------------------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
YUNJU_SMS = env.text("YUNJU_SMS", "yunju.notices.sms.Shown")
YUNJU_CODES_PER_DAY = env.number("YUNJU_CODES_PER_DAY", 2_000, least=1, most=1_000_000)
YUNJU_CODES_ABROAD = env.switch("YUNJU_CODES_ABROAD", default=False)
YUNJU_ROBOT_STANDIN = env.stand_in("YUNJU_ROBOT_STANDIN", allowed=YUNJU_TRYING_OUT)
YUNJU_MAIL_FROM = env.text("YUNJU_MAIL_FROM")
_mail = env.mail_server("YUNJU_SMTP", sender=YUNJU_MAIL_FROM)
YUNJU_MAILS = bool(_mail)
DEFAULT_FROM_EMAIL = YUNJU_MAIL_FROM
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _mail.get("host", ""), int(_mail.get("port", "25"))
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("user", ""), _mail.get("password", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("scheme") == "smtp+tls", _mail.get("scheme") == "smtps"
EMAIL_TIMEOUT = 10
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["stderr"],
        "level": env.one_of("YUNJU_LOG", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
    # httpx tells of every call at INFO
    "loggers": {name: {"level": "WARNING"} for name in ("procrastinate", "axes", "httpx")},
}
