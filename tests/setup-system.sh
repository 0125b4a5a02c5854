#!/bin/sh
# Sees to the programs that the tests start: Redis, PostgreSQL, nginx, Chromium with its driver, Node.js, Python's venv.
# On Debian and Ubuntu, as root or where sudo asks no password, it installs what is missing. Elsewhere it says, a line
# each, what is missing and how to get it, and fails; not for Node.js alone, whose tests are then left out.
set -eu
cd "$(dirname "$0")/.."

have() { command -v "$1" >/dev/null 2>&1; }
any() { for program; do have "$program" && return; done; return 1; }
have_postgres() { have postgres || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; }
have_nginx() { have nginx || [ -x /usr/sbin/nginx ]; }
have_venv() { [ -x .venv/bin/python ] || "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null; }

# What is missing, as Debian names its packages.
missing() {
  have_venv || echo python3-venv
  have redis-server || echo redis-server
  have_postgres || echo postgresql
  have_nginx || echo nginx
  any chromium chromium-browser google-chrome google-chrome-stable || echo chromium
  have chromedriver || echo chromium-driver
  have node || echo nodejs
  have faketime || echo faketime
}

root=""
may_install() {
  have apt-get || return 1
  [ "$(id -u)" = 0 ] && return
  have sudo && sudo -n true 2>/dev/null && root="sudo -n"
}

# Ubuntu calls two of them otherwise.
here_called() {
  for package; do
    if apt-cache show "$package" >/dev/null 2>&1; then echo "$package"; continue; fi
    case $package in
      chromium) echo chromium-browser ;;
      chromium-driver) echo chromium-chromedriver ;;
      *) echo "$package" ;;
    esac
  done
}

# Installing a server starts it; the tests start their own, so a policy that says no stands there meanwhile.
without_starting() {
  policy=/usr/sbin/policy-rc.d
  if [ -e $policy ]; then "$@"; return; fi
  printf '#!/bin/sh\nexit 101\n' | $root tee $policy >/dev/null
  trap '$root rm -f /usr/sbin/policy-rc.d' EXIT
  trap 'exit 130' INT TERM
  $root chmod 755 $policy
  "$@"
}

install() {
  apt="$root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300"
  log=$(mktemp)
  # shellcheck disable=SC2046 # one word a package
  if $apt update >"$log" 2>&1 &&
    without_starting $apt install --no-install-recommends $(here_called "$@") >>"$log" 2>&1
  then rm -f "$log"; else cat "$log" >&2; rm -f "$log"; return 1; fi
}

tell() {
  for package; do
    case $package in
      python3-venv) what="Python's venv: a Python >= 3.11 with the venv module" ;;
      redis-server) what="redis-server: Redis 7" ;;
      postgresql) what="postgres and initdb: PostgreSQL 14 or newer" ;;
      nginx) what="nginx: 1.22 or newer" ;;
      chromium) what="chromium: Chromium or Google Chrome" ;;
      chromium-driver) what="chromedriver: of the same version as the browser" ;;
      faketime) what="faketime: gives one server another clock" ;;
      nodejs) what="node: Node.js 18 or newer" ;;
    esac
    echo "missing: $what (Debian, Ubuntu: apt-get install $package)"
  done
}

needed=$(missing)
[ -z "$needed" ] && exit 0
# shellcheck disable=SC2086 # one word a package
if may_install; then
  echo "installing:" $needed
  install $needed || echo "apt-get could not install all of: "$needed
  needed=$(missing)
fi
# shellcheck disable=SC2086
tell $needed >&2
[ -z "$needed" ] || [ "$needed" = nodejs ]
