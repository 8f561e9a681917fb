"""The ASGI application. The views are synchronous: WSGI serves them with a third of the work."""

from django.core.handlers.asgi import ASGIHandler

from config.startup import set_up, settle

set_up()
application = ASGIHandler()
settle()
