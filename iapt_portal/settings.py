"""One settings file: environments differ by variables, never by modules.

Every variable read here is listed in the README, and read nowhere else.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from iapt_portal import env
from validation.reading import LARGEST_FILE

BASE_DIR = Path(__file__).resolve().parent.parent

# -- who this process is ----------------------------------------------------------------------

PORTAL_PROCESS = env.text("PORTAL_PROCESS", "web")
if PORTAL_PROCESS not in {"web", "worker", "owner"}:
    raise ImproperlyConfigured("PORTAL_PROCESS is web, worker or owner.")

DEMO = env.flag("DEMO")
TEST = env.flag("TEST")
DEBUG = False
SITE_ADDRESS = env.text("SITE_ADDRESS", "http://localhost:8000").rstrip("/")
HTTPS = SITE_ADDRESS.startswith("https://")
BEHIND_TLS_PROXY = env.flag("BEHIND_TLS_PROXY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1")
# Visitors from elsewhere are turned away; blank: everywhere.
ALLOWED_NETWORKS = env.networks("ALLOWED_NETWORKS")
CSRF_TRUSTED_ORIGINS = [SITE_ADDRESS] if HTTPS else []
SECRET_KEY = env.text("SECRET_KEY")

# -- keys (contracts: what is stored where) ---------------------------------------------------

# Shared by web and worker: what the sender may see again.
REPORT_KEY = env.key("REPORT_KEY")
# The web knows only how to lock a raw file away.
RAW_RECIPIENT = env.recipient("RAW_RECIPIENT")


def READ_MASTER_KEY() -> str:  # noqa: N802 (Django shows settings in capitals only)
    """The pseudonym master: the worker's alone, so it is asked for only when it is used."""
    return env.key("MASTER_KEY")


def READ_RAW_IDENTITY() -> str:  # noqa: N802
    """The key that opens raw files: the worker's alone, asked for only when it is used."""
    return env.text("RAW_IDENTITY")


# -- applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "accounts",
    "submissions",
    "extracts",
    "iapt_portal.apps.PortalConfig",
]

MIDDLEWARE = [
    "iapt_portal.middleware.plain_words_when_the_database_is_away",
    "iapt_portal.middleware.safe_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "iapt_portal.middleware.allowed_networks",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.sessions.ends_in_time",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.doors.default_deny",
]

ROOT_URLCONF = "iapt_portal.urls"
WSGI_APPLICATION = "iapt_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "iapt_portal.home.every_page",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

# -- database and queue -----------------------------------------------------------------------

DATABASE_SCHEMES = {"postgres", "postgresql"}


def database(address: str, role: str) -> dict[str, object]:
    """Django's description of the database at `address`, working there in `role`.

    One login that takes its role on connecting (embedded), or a login each: a role that equals
    the login needs no change.
    """
    url = urlsplit(address)
    if url.scheme not in DATABASE_SCHEMES:
        raise ImproperlyConfigured("DATABASE_URL begins with postgresql://")
    query = dict(parse_qsl(url.query))
    options: dict[str, object] = {"options": f"-c role={role} -c timezone=UTC"}
    if "sslmode" in query:
        options["sslmode"] = query["sslmode"]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.get("host") or url.hostname or "",
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        # Pages are short: they need none, and a pooler between (PgBouncer) cannot keep one.
        "DISABLE_SERVER_SIDE_CURSORS": PORTAL_PROCESS == "web",
        # The suite builds its database as the owner and then asks as anybody.
        "TEST": {"NAME": f"test_{url.path.lstrip('/')}"},
    }


# The three roles are made by the first migration; the owner is the login itself.
DATABASE_ROLES = {"web": "iapt_web", "worker": "iapt_worker", "owner": "none"}
# A login each, where there is one; the owner lets them in.
OWN_LOGINS = {
    "web": env.text("DATABASE_URL_WEB", ""),
    "worker": env.text("DATABASE_URL_WORKER", ""),
}
_own_address = OWN_LOGINS.get(PORTAL_PROCESS, "")
DATABASES = {
    "default": database(
        _own_address or env.text("DATABASE_URL"),
        # "none" is PostgreSQL's word for the login's own role.
        "none" if _own_address else DATABASE_ROLES[PORTAL_PROCESS],
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    # Shared by all web processes (used codes, sign-in limits) without another service.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        # Beyond this Django throws away at random: nobody may make the portal forget by filling it.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

CELERY_BROKER_URL = env.text("REDIS_URL")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    # A bell that is not heard at once is rung again by the sweeper: nobody waits for it.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # the database is the record; a lost message is rung again
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_TIMEZONE = "Europe/London"

# -- sign-in ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TEST
    else [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by staff, for a known address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no letter to an address that is not ours
# A letter tells whoever has the account of a new password or second factor.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "IAPT portal: "
# Whom sign-in limits count: the visitor, as the proxy names them, and not the proxy.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_TLS_PROXY else 0
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_RATE_LIMITS = {
    # Wrong passwords and codes are counted by `accounts.guessing`, which locks nobody out.
    "login": None,
    "login_failed": None,
    # By visitor alone: a stranger uses up nobody's tries. Letters are the adapter's affair.
    "reset_password": "20/m/ip",
    # The forms that need no account: how often one visitor may send them.
    "access_form": "20/h/ip",
}
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.second_factor.CodeForm",
    "reauthenticate": "accounts.second_factor.ConfirmForm",
    "authenticate_webauthn": "accounts.second_factor.PasskeyForm",
    "reauthenticate_webauthn": "accounts.second_factor.ConfirmByPasskeyForm",
    "add_webauthn": "accounts.second_factor.AddPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "IAPT submission portal"
# In the demonstration a second factor is asked of staff only; outside it, of everyone.
SECOND_FACTOR_FOR_EVERYONE = not DEMO

# Both ends of a session, kept by `accounts.sessions`: after signing in, and after the last request.
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_IDLE_SECONDS = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
KNOWN_BROWSER_COOKIE_NAME = "__Host-known-browser" if HTTPS else "known-browser"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "upgrade-insecure-requests": HTTPS,
    }
}

# -- files ------------------------------------------------------------------------------------

DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".local/data")))
# Partly received files lie here, encrypted, until they are whole; swept when ten minutes old.
RECEIVING_DIR = DATA_DIR / "receiving"
# The newest seal of the audit, after each sealing: outside the database, best on another disk.
AUDIT_HEADS = Path(env.text("AUDIT_HEADS", str(DATA_DIR / "audit_heads.log")))
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_DIR", str(BASE_DIR / ".local/static")))
STATICFILES_DIRS = [BASE_DIR / "iapt_portal/static"]


def bucket(
    name: str, endpoint: str, region: str, access_key: str, secret_key: str
) -> dict[str, object]:
    """Django's description of an S3-compatible store."""
    return {
        "BACKEND": "submissions.bucket.BucketStorage",
        "OPTIONS": {
            "bucket_name": name,
            "endpoint_url": endpoint or None,
            "region_name": region or None,
            "access_key": access_key,
            "secret_key": secret_key,
            # A name is given once.
            "file_overwrite": False,
        },
    }


# Raw files and extracts, each encrypted: in a store that every machine reaches, or on this disk.
S3_BUCKET = env.text("S3_BUCKET", "")
STORE = (
    bucket(
        S3_BUCKET,
        env.text("S3_ENDPOINT", ""),
        env.text("S3_REGION", ""),
        env.text("S3_ACCESS_KEY"),
        env.text("S3_SECRET_KEY"),
    )
    if S3_BUCKET
    else {"BACKEND": "submissions.storage.DurableStorage"}
)
STORAGES = {
    "default": STORE,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TEST
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# Forms are small; the one large part, the file, goes through its own upload handler.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# -- what the portal allows -------------------------------------------------------------------

MEGABYTE = 1_000_000
# What the readers take at most is the most that can be allowed here.
MAX_UPLOAD_BYTES = min(env.number("MAX_UPLOAD_MEGABYTES", 200) * MEGABYTE, LARGEST_FILE)
DAILY_SUBMISSIONS_PER_PROVIDER = env.number("DAILY_SUBMISSIONS_PER_PROVIDER", 30)
LEASE = timedelta(seconds=env.number("LEASE_SECONDS", 45))
RING_AGAIN_AFTER = timedelta(seconds=env.number("RING_AGAIN_SECONDS", 60))
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 30)
ATTEMPTS = 3
# After the final extracts of a period are published, what names a provider's patients goes.
MONTHS_KEPT = env.number("MONTHS_KEPT", 6)
FINDINGS_KEPT_PER_RULE = 1000

# -- mail, time, language, log ----------------------------------------------------------------

HELPDESK_EMAIL = env.text("HELPDESK_EMAIL", "helpdesk@portal.example")
HELPDESK_PHONE = env.text("HELPDESK_PHONE", "01632 960100")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM", "IAPT portal <portal@portal.example>")
MAIL_DIR = env.text("MAIL_DIR", "")
if MAIL_DIR:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAIL_DIR
else:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = env.text("MAIL_HOST", "localhost")
    EMAIL_PORT = env.number("MAIL_PORT", 25)
    EMAIL_USE_TLS = env.flag("MAIL_TLS")
    EMAIL_HOST_USER = env.text("MAIL_USER", "")
    EMAIL_HOST_PASSWORD = env.text("MAIL_PASSWORD", "")
    EMAIL_TIMEOUT = 10

USE_TZ = True
TIME_ZONE = "Europe/London"
LANGUAGE_CODE = "en-gb"
USE_I18N = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "iapt_portal.logs.WithoutValues",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "portal": {"level": "INFO"},
        "celery": {"level": "WARNING"},
        # A refused request's address or headers may carry what was typed into a form.
        "django.request": {"level": "ERROR"},
    },
}
