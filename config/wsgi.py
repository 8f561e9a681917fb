"""The WSGI application, for granian, gunicorn and the like."""

from django.core.handlers.wsgi import WSGIHandler

from config.startup import set_up, settle

set_up()
application = WSGIHandler()
settle()
