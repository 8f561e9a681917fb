"""The ordinary way: what a developer makes in a day of Django REST framework, a JSONField and django-filter.

Nothing here is made slow, and nothing is tuned beyond what anyone would do: the token's user comes with one query,
`select_related` for the owner, a GIN index on the JSON, an index for the list's order, persistent connections.
"""
