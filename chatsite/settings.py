"""The site's settings, each from the environment with a safe default; README lists them for operators."""

import os
from pathlib import Path

from chatsite import environment
from chatsite.environment import BadSetting

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(environment.text("VAR_DIR", str(BASE_DIR / "var"))).resolve()

try:
    from chat import limits  # reads CHAT_<NAME>; a bound that is none must stop the start too
except ValueError as unusable:
    raise BadSetting(*unusable.args) from None

DEBUG = environment.flag("DEBUG", False)
TLS = environment.flag("TLS", False)
TRUSTED_PROXIES = environment.proxies("TRUSTED_PROXIES")  # chatsite.proxies: whose X-Forwarded headers are believed

# Who we are to the outside
_host = environment.text("HOST", "127.0.0.1")
_own_hosts = [] if _host in ("0.0.0.0", "::") else [_host]  # noqa: S104 - an address to recognise, not to bind
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", *_own_hosts])
ALLOWED_ORIGINS = environment.origins("ALLOWED_ORIGINS")  # empty: exactly the origin that serves the page
CSRF_TRUSTED_ORIGINS = ALLOWED_ORIGINS

# Stores
_database = environment.database("DATABASE_URL", VAR_DIR / "chat.sqlite3")
_on_server = _database["ENGINE"].endswith("postgresql")
VAR_DIR.mkdir(parents=True, exist_ok=True)
DATABASES = {
    "default": {
        **_database,
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 600,  # seconds, of those in the threads that answer pages
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # No pool: writer and readers keep their connections, and psycopg's pool waits ever longer before it tries
            # a restarted server again. The server gives up on a statement before we do.
            "connect_timeout": 3,
            # One that is lost without a word is noticed too: by probes where we wait, by what it does not confirm.
            "keepalives_idle": limits.DATABASE_PEER_SECONDS // 2,
            "keepalives_interval": 1,
            "tcp_user_timeout": limits.DATABASE_PEER_SECONDS * 1000 // 2,
            "options": "-c statement_timeout=4000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000",
        }
        if _on_server
        else {
            # IMMEDIATE: a transaction that reads first and writes later would fail at once instead of waiting.
            "transaction_mode": "IMMEDIATE",
            "timeout": 4,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=8000;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = environment.secret_key("SECRET_KEY", VAR_DIR / "secret_key", required=_on_server)
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS", [])

REDIS_URLS = environment.redis_urls("REDIS_URL")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "chat.realtime.layer.RedisLayer",
        "CONFIG": {
            "prefix": environment.text("REDIS_PREFIX", "chat"),
            "hosts": [
                {"address": url, "socket_connect_timeout": 2, "socket_timeout": 5, "health_check_interval": 15}
                for url in REDIS_URLS
            ],
        },
    }
    if REDIS_URLS
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

# Django
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "channels",
    "chat",
]
if DEBUG:
    INSTALLED_APPS.insert(0, "daphne")  # lets `manage.py runserver` speak ASGI
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chat.web.middleware.Isolation",
    "chat.web.middleware.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "chat.web.identity.Identity",
    "chat.web.preferences.Preferences",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chat.web.gate.Gate",
]
ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,  # the admin's
        "OPTIONS": {
            "builtins": ["chat.web.tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chat.web.sidebar.context",
            ],
        },
    }
]

# Rooms
CHAT_ROOMS_BY = environment.choice("CHAT_ROOMS_BY", ["anyone", "members", "staff"])  # who makes public ones

# People
AUTH_USER_MODEL = "chat.User"
CHAT_GUESTS = environment.flag("CHAT_GUESTS", True)
CHAT_SIGN_UP = environment.choice("CHAT_SIGN_UP", ["open", "invitation", "closed"])
PASSWORD_HASHERS = [
    "chatsite.hashers.Argon2",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_validation = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_validation}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ["username", "email"]}},
    {"NAME": f"{_validation}.MinimumLengthValidator", "OPTIONS": {"min_length": limits.PASSWORD_LEAST}},
    {"NAME": f"{_validation}.CommonPasswordValidator"},
    {"NAME": f"{_validation}.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = limits.RESET_LINK_SECONDS
LOGIN_URL = "account:log_in"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_ENGINE = "chat.models.session"
SESSION_COOKIE_AGE = 365 * 24 * 3600
_host_prefix = "__Host-" if TLS else ""
SESSION_COOKIE_NAME = f"{_host_prefix}session"
CSRF_COOKIE_NAME = f"{_host_prefix}csrf"
BROWSER_COOKIE_NAME = f"{_host_prefix}browser"  # who has logged in there
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# Mail
_mail = environment.mail_server("EMAIL_URL")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = (_mail.host, _mail.port) if _mail else ("", 0)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (_mail.user, _mail.password) if _mail else ("", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = (_mail.starts_tls, _mail.is_tls) if _mail else (False, False)
EMAIL_TIMEOUT = limits.MAIL_SECONDS
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", "")
CHAT_MAIL = _mail is not None
if CHAT_MAIL and "@" not in DEFAULT_FROM_EMAIL:
    raise BadSetting("EMAIL_FROM", "the address that mails come from, since EMAIL_URL is set", repr(DEFAULT_FROM_EMAIL))
if CHAT_MAIL and "*" in ALLOWED_HOSTS and not ALLOWED_ORIGINS:
    raise BadSetting("ALLOWED_ORIGINS", "the site's own origin, which links in mails begin with", "nothing")

# Safe by default
SECURE_SSL_REDIRECT = TLS
HSTS = environment.choice("HSTS", ["off", "host", "subdomains", "preload"])  # browsers keep it for a year
if HSTS != "off" and not TLS:
    raise BadSetting("HSTS", "TLS=on with it", f"{HSTS!r} without")
SECURE_HSTS_SECONDS = 0 if HSTS == "off" else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS in ("subdomains", "preload")
SECURE_HSTS_PRELOAD = HSTS == "preload"
SECURE_REFERRER_POLICY = "same-origin"
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()"
# What the operator has decided by TLS and HSTS, `check --deploy` need not ask again.
SILENCED_SYSTEM_CHECKS = [
    *([] if TLS else ["security.W008", "security.W011", "security.W016"]),
    *([] if SECURE_HSTS_SECONDS else ["security.W004"]),
    *([] if SECURE_HSTS_INCLUDE_SUBDOMAINS else ["security.W005"]),
    *([] if SECURE_HSTS_PRELOAD else ["security.W021"]),
]
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = limits.BODY_BYTES
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

# Those who watch over it
METRICS_TOKEN = environment.secret("METRICS_TOKEN", least=16)
METRICS_ALLOW = environment.networks("METRICS_ALLOW")

# Words and files
LANGUAGE_CODE = environment.text("LANGUAGE_CODE", "en")
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "chat" / "locale"]
USE_TZ = True
TIME_ZONE = environment.text("TIME_ZONE", "UTC")
STATIC_URL = "static/"
STATIC_ROOT = Path(environment.text("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",  # the admin's
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chatsite.static.HashedFiles"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "chat.ops.logs.formatter", "style": environment.choice("LOG_FORMAT", ["human", "json"])}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"django.db.backends": {"level": "INFO"}},  # statements hold words
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "INFO").upper()},
}
if LOGGING["root"]["level"] not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):  # type: ignore[index]
    raise BadSetting("LOG_LEVEL", "DEBUG, INFO, WARNING, ERROR or CRITICAL", repr(os.environ.get("LOG_LEVEL")))
