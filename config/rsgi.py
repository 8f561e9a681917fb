"""The application for granian, as production and quickstart run it."""

import resource

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from config.startup import set_up, settle

set_up()

from config.serving.application import Application  # noqa: E402 - it needs what has been set up

application = Application(WSGIHandler(), settings.SERVER_THREADS)
settle()

# An idle connection costs a file and nothing else: as many as the machine lets a process have.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (_hard, _hard))
