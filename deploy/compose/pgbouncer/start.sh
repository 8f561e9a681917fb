# Tell PgBouncer the password that compose.yaml gives, and become it.
umask 077
printf '"apaas" "%s"\n' "$POSTGRES_PASSWORD" > /tmp/userlist.txt
exec pgbouncer /etc/pgbouncer/pgbouncer.ini
