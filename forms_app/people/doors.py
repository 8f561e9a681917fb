"""What happens at pages and is noted by who knows HTTP; each is sent with `request` and `user`."""

from django.dispatch import Signal

password_changed = Signal()
"""`user`'s password was changed by whom the request is of."""
invitation_used = Signal()
"""`user` set a password by a link."""
