"""Which partition of the records holds a form's, as PostgreSQL's own hash says.

A statement that names the partition serves all its forms, prepared once; one that names the whole table is planned for
the form that stands in it as a constant.
"""

PARTITION = r"""
(SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid,
LATERAL (SELECT count(*)::int AS modulus FROM pg_inherits WHERE inhparent = 'form_entity'::regclass) m,
LATERAL (SELECT substring(pg_get_expr(c.relpartbound, c.oid) FROM 'remainder (\d+)')::int AS remainder) r
WHERE i.inhparent = 'form_entity'::regclass
AND satisfies_hash_partition('form_entity'::regclass, m.modulus, r.remainder, {form}))
"""
"""SQL of the partition's name; `form` is the SQL of the form's id."""
