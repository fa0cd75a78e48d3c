"""Django's settings, made from the environment; nothing else reads the environment."""

import secrets
from pathlib import Path
from typing import Any

from fairwitness.config import environment
from fairwitness.config.environment import SignInService

ENVIRONMENT = environment.read()


def _secret(path: Path) -> str:
    """The site's secret, made at first use and kept beside the data, readable by us alone."""
    if path.exists():
        return path.read_text()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


def sign_in_providers(service: SignInService | None) -> dict[str, Any]:
    """The force's sign-in service as django-allauth wants to be told of it; code flow with PKCE."""
    if service is None:
        return {}
    app = {
        "provider_id": "force",
        "name": "the force's sign-in",
        "client_id": service.client,
        "secret": service.secret,
        "settings": {
            "server_url": service.issuer,
            "issuer": service.issuer,
            "fetch_userinfo": False,
            "claim": service.claim,
        },
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


SECRET_KEY = _secret(ENVIRONMENT.data / "keys" / "site-secret")
DEBUG = False
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
ROOT_URLCONF = "fairwitness.config.urls"
CSRF_FAILURE_VIEW = "fairwitness.web.public.stale_form"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "fairwitness.custody",
    "fairwitness.force",
    "fairwitness.evidence",
    "fairwitness.retention",
    "fairwitness.ingest",
    "fairwitness.cases",
    "fairwitness.disclosure",
    "fairwitness.accountability",
    "fairwitness.web",
    "fairwitness.config",
]
VIDEO_ROOTS = ENVIRONMENT.video_roots
AUTH_USER_MODEL = "force.Officer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": ENVIRONMENT.database}
USE_TZ = True
TIME_ZONE = "Europe/London"
LANGUAGE_CODE = "en-gb"
USE_I18N = True
STATIC_URL = "/static/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
# Lists of records come by a form, in memory, within the cap on bodies; footage by the upload path.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENVIRONMENT.secure
CSRF_COOKIE_SECURE = ENVIRONMENT.secure
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "fairwitness.force.sessions"
SESSION_COOKIE_AGE = 12 * 3600  # at most; `force.sessions` ends an idle one much sooner
MIDDLEWARE = [
    "fairwitness.web.security_headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "fairwitness.config.middleware.EdgeMiddleware",
    "fairwitness.web.staying.SessionRules",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
# Of django-allauth we use tables, second factors and OpenID Connect, and mount none of its pages:
# nobody signs up, no mail is sent, nothing is connected by an address (ADR 0031).
MFA_ADAPTER = "fairwitness.force.factors.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn"]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "collar_number"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_ADAPTER = "fairwitness.web.service.Adapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_LOGIN_ON_GET = True  # without a page of its own between
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = sign_in_providers(ENVIRONMENT.sign_in_service)

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Errors go to standard error, with no content of any recording; what the service manager keeps of
# them is the force's to say.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}
