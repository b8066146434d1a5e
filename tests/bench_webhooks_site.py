"""The product's web server with one address more: a bare view, to measure webhooks against.

The same server, settings and middleware; the bare view reads the JSON and touches no database.
"""

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "obzvon_site.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

settings.ROOT_URLCONF = __name__


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    json.loads(request.body)
    return HttpResponse("ok", content_type="text/plain")


application = get_wsgi_application()  # loads the apps, which the addresses need
urlpatterns = [path("bare/", bare), path("", include("obzvon_site.urls"))]
