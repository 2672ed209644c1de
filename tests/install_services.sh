#!/bin/sh
# Installs what some tests need beside Python, where it is missing and this user may: Debian's
# Chromium (the page in a browser), PostgreSQL (the other database) and nginx (in front of the page).
# Where it may not, those tests say why they are skipped; with CI=true they fail. No service is started.
packages=""
command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1 || packages="chromium chromium-driver"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || packages="$packages postgresql"
command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || packages="$packages nginx-light"
command -v openssl >/dev/null 2>&1 || packages="$packages openssl"
[ -n "$packages" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    # shellcheck disable=SC2086 (a list of words)
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >/dev/null
else
    echo "Missing, and this user may not install it: $packages. The tests that need it are skipped."
fi
exit 0
