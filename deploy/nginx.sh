#!/bin/sh
# Starts nginx before the chat, with nginx.conf as it stands beside this file, in a folder of its own where it finds
# what differs between hosts. From the environment:
#   BACKENDS          the chat's processes: `10.0.0.2:8000 10.0.0.3:8000` or `unix:/run/chat/1.sock`;
#                     with RESOLVER one name, `web:8000`, whose addresses are asked for anew each second
#   RESOLVER          the name server to ask
#   STATIC_ROOT       folder of the collected static files
#   UPLOADS_ROOT      folder of what people uploaded
#   LISTEN            ports, or addresses with ports, for HTTP (8080)
#   LISTEN_TLS        the same for HTTPS (8443), where CERTIFICATES has a fullchain.pem and a privkey.pem
#   CERTIFICATES      folder of the certificate
#   TLS               `on` where visitors come by HTTPS, as the chat is told too
#   TRUSTED_PROXIES   addresses or networks of proxies before this one, whose X-Forwarded headers are believed
#   ACCESS_LOG        file for a line a request (/dev/stdout)
#   NGINX_FOLDER      that folder (/tmp/nginx)
# Lists are separated by blanks or commas. What is given to this script is given to nginx: `nginx.sh -t` tests, `nginx.sh -s reload` reloads.
set -eu
PATH=$PATH:/usr/sbin:/usr/local/sbin

fail() { echo "nginx.sh: $*" >&2; exit 1; }
list() { echo "$1" | tr ',' ' '; }

[ -n "${BACKENDS:-}" ] || fail "BACKENDS: expected the addresses of the chat's processes, got nothing."
[ -d "${STATIC_ROOT:-}" ] || fail "STATIC_ROOT: expected the folder of the collected static files, got '${STATIC_ROOT:-}'."
certificates=${CERTIFICATES:-/nonexistent}
has_certificate() { [ -r "$certificates/fullchain.pem" ] && [ -r "$certificates/privkey.pem" ]; }
if has_certificate && [ "${TLS:-off}" != on ]; then
  fail "TLS: expected on, since there is a certificate in $certificates, got '${TLS:-off}'."
elif [ "${TLS:-off}" = on ] && ! has_certificate && [ -z "${TRUSTED_PROXIES:-}" ]; then
  fail "CERTIFICATES: expected a folder with fullchain.pem and privkey.pem, since TLS is on" \
    "and no proxy before this one is named in TRUSTED_PROXIES, got '${CERTIFICATES:-}'."
fi

conf=$(cd "$(dirname "$0")" && pwd)/nginx.conf
folder=${NGINX_FOLDER:-/tmp/nginx}
mkdir -p "$folder/files" "$folder/temp"
cd "$folder"
ln -sfn "$conf" nginx.conf
ln -sfn "$STATIC_ROOT" files/static
ln -sfn "${UPLOADS_ROOT:-/nonexistent}" uploads
ln -sfn "${ACCESS_LOG:-/dev/stdout}" access.log

# What the kernel keeps for one who does not read is bounded too: left alone, it grows to several MiB.
{
  for address in $(list "${LISTEN:-8080}"); do echo "listen $address backlog=4096 sndbuf=128k;"; done
  if has_certificate; then
    for address in $(list "${LISTEN_TLS:-8443}"); do echo "listen $address ssl http2 backlog=4096 sndbuf=128k;"; done
    echo "ssl_certificate $certificates/fullchain.pem;"
    echo "ssl_certificate_key $certificates/privkey.pem;"
  fi
} >listen.conf

{
  echo 'geo $realip_remote_addr $from_proxy {'
  echo '  default 0;'
  for proxy in $(list "${TRUSTED_PROXIES:-}"); do echo "  $proxy 1;"; done
  echo '}'
  for proxy in $(list "${TRUSTED_PROXIES:-}"); do echo "set_real_ip_from $proxy;"; done
} >before.conf

# No memory of failures: in a rolling restart all processes fail in turn, and a refused connection costs nothing.
if [ -n "${RESOLVER:-}" ]; then
  echo "resolver $RESOLVER valid=1s ipv6=off; resolver_timeout 2s;"
  echo "map '' \$backend { default $BACKENDS; }"
else
  echo 'upstream chat {'
  for backend in $(list "$BACKENDS"); do echo "  server $backend max_fails=0;"; done
  echo '}'
  echo "map '' \$backend { default chat; }"
fi >backends.conf

exec nginx -p "$folder/" -c "$folder/nginx.conf" -e stderr "$@"
