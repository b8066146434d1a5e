"""Settings, read once from the environment. Every name is explained in docs/configuration.md."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured

from obzvon_site.common.environment import Env
from obzvon_site.common.installation import kept_secret

# Paths

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()

# Mode

DEBUG = env.bool("DEBUG", default=False)
BIND = env.str("OBZVON_BIND", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
EMULATOR_PORT = env.int("EMULATOR_PORT", default=PORT + 1)
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("OBZVON_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
HTTPS = env.bool("OBZVON_HTTPS", default=PUBLIC_URL.startswith("https://"))
DEMO = env.bool("OBZVON_DEMO", default=True)
DEMO_PASSWORD = env.str("OBZVON_DEMO_PASSWORD", default="")

# Database

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'obzvon.sqlite3'}"),
}
EMBEDDED = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if EMBEDDED:
    # IMMEDIATE turns «database is locked» into a wait; FULL so that a power cut cannot
    # forget that a call was already sent.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# On SQLite too: the last one to close its connection puts the whole journal away, each time.
DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Apps

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "csp",
    "obzvon_site",
    "obzvon_site.accounts",
    "records",
    "calls",
]
if not EMBEDDED:
    if find_spec("procrastinate") is None:
        raise ImproperlyConfigured(
            "PostgreSQL needs the task engine procrastinate, which is not installed: "
            ".venv/bin/pip install --require-hashes -r requirements-postgres.lock"
        )
    INSTALLED_APPS.insert(INSTALLED_APPS.index("axes"), "procrastinate.contrib.django")
BUILTIN_TAGS = ["obzvon_site.templatetags.obz"]
if django.VERSION < (6, 0):
    INSTALLED_APPS.insert(INSTALLED_APPS.index("django_htmx"), "template_partials")
    BUILTIN_TAGS.append("template_partials.templatetags.partials")

# Middleware

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "obzvon_site.accounts.middleware.Language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "obzvon_site.accounts.middleware.SessionOver",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "obzvon_site.urls"
WSGI_APPLICATION = "obzvon_site.wsgi.application"

# Templates

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": BUILTIN_TAGS,
        },
    },
]
FORM_RENDERER = "obzvon_site.common.forms.Renderer"

# Sign-in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL

# Language and time

LANGUAGE_CODE = env.str("OBZVON_LANGUAGE", default="ru")
LANGUAGES = [("ru", "Русский"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "obzvon_site" / "locale"]
TIME_ZONE = env.str("OBZVON_TIME_ZONE", default="Europe/Moscow")
USE_TZ = True
USE_I18N = True

# Static and uploaded files

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "recordings": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "obzvon_site.common.statics.StaticStorage"},
}
S3_BUCKET = env.str("OBZVON_S3_BUCKET", default="")
S3_ENDPOINT = env.str("OBZVON_S3_ENDPOINT", default="")
S3_REGION = env.str("OBZVON_S3_REGION", default="")
S3_ACCESS_KEY = env.str("OBZVON_S3_ACCESS_KEY", default="")
S3_SECRET_KEY = env.str("OBZVON_S3_SECRET_KEY", default="")
if S3_BUCKET:
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured(
            "OBZVON_S3_BUCKET needs django-storages and boto3, which are not installed: "
            ".venv/bin/pip install --require-hashes -r requirements-s3.lock"
        )
    STORAGES["recordings"] = {
        "BACKEND": "obzvon_site.common.buckets.BucketStorage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT or None,
            "region_name": S3_REGION or None,
            "access_key": S3_ACCESS_KEY or None,
            "secret_key": S3_SECRET_KEY or None,
            "addressing_style": "path" if S3_ENDPOINT else "auto",
            "signature_version": "s3v4",
            "file_overwrite": False,
            "default_acl": None,
        },
    }
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Background tasks

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend"
        if EMBEDDED
        else "obzvon_site.common.engine.distributed.ProcrastinateBackend",
        "QUEUES": ["calls", "poll", "bulk"],
    },
}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""  # our tasks are found by Django's Tasks API

# Provider

PROVIDER_URL = env.str("OBZVON_PROVIDER_URL", default="")
PROVIDER_KEY = env.str("OBZVON_PROVIDER_KEY", default="")
EXCHANGE_DAYS = env.int("OBZVON_EXCHANGE_DAYS", default=14)

# Speech

SPEECH_MODEL = env.str("OBZVON_SPEECH_MODEL", default="")

# Webhooks

WEBHOOK_TEST_PRIVATE = env.bool("OBZVON_WEBHOOK_TEST_PRIVATE", default=False)

# Limits

UPLOAD_MEGABYTES = env.int("OBZVON_UPLOAD_MEGABYTES", default=20)
UPLOAD_MINUTES = env.int("OBZVON_UPLOAD_MINUTES", default=10)
LIST_MEGABYTES = env.int("OBZVON_LIST_MEGABYTES", default=500)
FILE_UPLOAD_HANDLERS = [
    "obzvon_site.common.uploads.PassOverTooLarge",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a scenario of 500 steps, 17 fields each

# Logging

LOG_LEVEL = env.str("OBZVON_LOG_LEVEL", default="WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "obzvon_site.common.redact.RedactFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "level": LOG_LEVEL,
            "formatter": "line",
            "filters": ["redact"],
        },
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # Its only warnings tell how to stop a worker by hand; here the supervisor does that.
    "loggers": {"django_tasks_db": {"level": "ERROR"}},
}

# Security

SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret-key")
# Newest first: the first encrypts, all decrypt.
FIELD_KEYS = env.list("OBZVON_FIELD_KEYS", default=[]) or [kept_secret(DATA_DIR / "field-key")]
SECURE_SSL_REDIRECT = HTTPS
# Supervisors and load balancers ask the web process itself, past the proxy that speaks TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = env.int("OBZVON_HSTS_SECONDS", default=31536000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.bool("OBZVON_BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the time shown is the time to wait
AXES_LOCKOUT_CALLABLE = "obzvon_site.accounts.views.login.locked_out"
AXES_VERBOSE = False
