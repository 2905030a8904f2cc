#!/bin/sh
# Makes Temporal's two databases, or brings those that are there up to this version; run again, it changes nothing.
set -eu

SQL_PASSWORD=$(cat /run/secrets/postgres-password)
export SQL_PASSWORD

tool() { # DATABASE COMMAND…
    database=$1
    shift
    temporal-sql-tool --plugin "$DB" --endpoint "$POSTGRES_SEEDS" --port "$DB_PORT" --user "$POSTGRES_USER" --database "$database" "$@"
}

for database in temporal:temporal temporal_visibility:visibility; do
    name=${database%:*}
    tool "$name" create
    tool "$name" setup-schema --version 0.0
    tool "$name" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/${database#*:}/versioned"
done
