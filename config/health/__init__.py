"""Whether the product is well: asked by load balancers, and by `manage.py doctor`."""
