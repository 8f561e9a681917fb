"""What surrounds the views: for pages Django's middleware, for calls with a token less."""
