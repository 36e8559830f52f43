#!/usr/bin/env bash
# Runs an engine in the foreground, on 127.0.0.1, for tests and benchmarks. The caller stops it by its pid.
#   scripts/engine.sh redis FOLDER PORT [OPTION…]     (options of the engine's own, such as those for TLS)
#   scripts/engine.sh postgres FOLDER PORT [OPTION…]  (user and database `qr_login`, no password)
#   scripts/engine.sh nginx FOLDER PORT NODE…   (NODE is an address and port; docs/deploy/nginx.conf with those)
# Existing data in the folder is reused, so that an engine can be restarted without losing it.
set -euo pipefail
cd "$(dirname "$0")/.."
# Where Debian installs nginx; not in every user's path.
PATH=$PATH:/usr/sbin

engine=$1 folder=$(mkdir -p "$2" && cd "$2" && pwd) port=$3
shift 3

# PostgreSQL refuses to run as root, so as root use the user of Debian's package.
unprivileged=()
if [ "$(id -u)" = 0 ]; then unprivileged=(setpriv --reuid=postgres --regid=postgres --clear-groups); fi

case $engine in
  redis)
    exec redis-server --bind 127.0.0.1 --port "$port" --dir "$folder" \
      --save "" --appendonly yes --appendfsync everysec --loglevel warning --daemonize no "$@"
    ;;
  postgres)
    bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    [ -x "$bin/initdb" ] || bin=$(dirname "$(readlink -f "$(command -v initdb)")")
    mkdir -p "$folder/data"
    if [ "$(id -u)" = 0 ]; then chmod 755 "$folder" && chown postgres "$folder/data"; fi
    if ! [ -f "$folder/data/PG_VERSION" ]; then
      "${unprivileged[@]}" "$bin/initdb" --pgdata="$folder/data" --username=qr_login --auth=trust --encoding=UTF8 --no-locale \
        --no-sync >/dev/null
      echo "CREATE DATABASE qr_login" |
        "${unprivileged[@]}" "$bin/postgres" --single -D "$folder/data" postgres >/dev/null 2>&1
    fi
    # With all its shared memory in its own folder, nothing is left behind when it is killed.
    exec "${unprivileged[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
      -c max_connections=100 -c log_min_messages=fatal -c dynamic_shared_memory_type=mmap "$@"
    ;;
  nginx)
    nodes=""
    for node in "$@"; do nodes+="server $node max_fails=1 fail_timeout=1s; "; done
    mkdir -p "$folder/temp"
    # A killed nginx leaves its socket behind and could not start again.
    rm -f "$folder/plain.sock"
    # Without TLS, which needs a certificate; tests/samples runs the file unchanged.
    sed -e "s/listen 443 ssl;/listen 127.0.0.1:$port;/" -e "s|listen 80;|listen unix:$folder/plain.sock;|" -e '/^ *ssl_/d' \
      -e "s/^ *server 127\.0\.0\.1:3000;/$nodes/" -e '/^ *server 127\.0\.0\.1:3001;/d' docs/deploy/nginx.conf >"$folder/site.conf"
    cat >"$folder/nginx.conf" <<CONF
daemon off; master_process off; pid $folder/nginx.pid; error_log stderr crit;
worker_rlimit_nofile 20000;
events { worker_connections 9000; }
http {
  access_log off;
  client_body_temp_path $folder/temp; proxy_temp_path $folder/temp; fastcgi_temp_path $folder/temp;
  uwsgi_temp_path $folder/temp; scgi_temp_path $folder/temp;
  include $folder/site.conf;
}
CONF
    exec nginx -c "$folder/nginx.conf" -p "$folder"
    ;;
  *)
    echo "unknown engine: $engine" >&2
    exit 2
    ;;
esac
