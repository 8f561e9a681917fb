"""The whole of an installation in one archive, and back: `manage.py backup` and `restore`.

The archive is a ZIP: `schema/` holds PostgreSQL's own statements (pg_dump), `tables/` the rows as COPY writes them,
`files/` what was uploaded, `manifest.json` what each of them is and adds up to. Any program that reads ZIP can look in.
"""
