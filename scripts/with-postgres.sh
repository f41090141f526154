#!/usr/bin/env bash
# with-postgres.sh COMMAND…: runs the command beside a PostgreSQL of its own, and takes that one down again.
#
# The cluster is new, in a scratch folder, on a free port of the loopback address and a Unix socket in the folder.
# The command finds it in CLEARPICTURE_TEST_POSTGRES, as a superuser who may create databases. Its exit code is ours.
# Writes are as durable as in production (fsync stays on): tests that kill a server in the middle rely on it.
source "$(dirname "$0")/lib.sh"

(($#)) || fail "usage: scripts/with-postgres.sh COMMAND…"

# The newest that Debian has installed; its programs are not on the PATH, and what is may be another's.
bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort --version-sort | tail -n 1) ||
    fail "PostgreSQL is missing: run scripts/install.sh postgresql"

# In /tmp whatever TMPDIR says: another user must reach it, and the path of a Unix socket holds 107 bytes at most.
scratch=$(mktemp -d /tmp/clearpicture-postgresql.XXXXXX)
data=$scratch/data

# PostgreSQL refuses to run as root.
if ((EUID == 0)); then
    chown postgres: "$scratch"
    server() { (cd "$scratch" && exec runuser --user postgres -- "$@"); }
else
    server() { (cd "$scratch" && exec "$@"); }
fi

stop() {
    local code=$?
    trap - EXIT
    if [[ -e $data/postmaster.pid ]]; then
        server "$bin/pg_ctl" --pgdata "$data" --mode immediate --wait --silent stop || say "PostgreSQL in $scratch did not stop"
    fi
    rm -rf "$scratch"
    exit "$code"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

server "$bin/initdb" --pgdata "$data" --username postgres --auth trust --encoding UTF8 --locale C.UTF-8 \
    --no-sync --no-instructions >"$scratch/initdb.log" 2>&1 || {
    cat "$scratch/initdb.log" >&2
    fail "PostgreSQL could not make a cluster in $scratch"
}

server tee -a "$data/postgresql.conf" >/dev/null <<END
listen_addresses = '127.0.0.1'
log_min_messages = warning
max_connections = 200
timezone = 'UTC'
unix_socket_directories = '$scratch'
END

# A port is free until someone takes it: try to start on one, and on a failure try another.
started=
for _ in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + RANDOM % 12000)) # below the ports that outgoing connections are given
    if server "$bin/pg_ctl" --pgdata "$data" --wait --silent --log "$scratch/server.log" --options "-p $port" start >/dev/null; then
        started=yes
        break
    fi
done
if [[ -z $started ]]; then
    cat "$scratch"/*.log >&2
    fail "PostgreSQL would not start in $scratch"
fi

export CLEARPICTURE_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
"$@"
