"""How the pages look, and what they may load and run."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": _("aPaaS forms"),
    "SITE_HEADER": _("aPaaS forms"),
    "SITE_SUBHEADER": _("Administration"),
    "SITE_SYMBOL": "dynamic_form",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("forms_app/favicon.svg")}
    ],
    "SHOW_LANGUAGES": True,
    "STYLES": [lambda request: static("forms_app/pages.css")],
    "SCRIPTS": [lambda request: static("forms_app/pages.js")],
    "DASHBOARD_CALLBACK": "forms_app.admin.home.dashboard",
    "SIDEBAR": {"show_search": False, "navigation": "config.navigation.sidebar"},
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
}

# docs/decisions/034-content-security.md. The API's own pages say a stricter one (apaas/reference/browsable.py).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
