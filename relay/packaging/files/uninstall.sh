#!/bin/sh
# Takes away what install.sh put in place. The configuration stays, and so do recordings and keys: with --purge they
# go too.
#   sudo /opt/rill/uninstall.sh [--purge]
#   ~/.local/share/rill/uninstall.sh --user [--purge]
set -eu
purge=''
user=''
for option in "$@"; do
  case "$option" in
  --purge) purge=1 ;;
  --user) user=1 ;;
  *)
    echo "uninstall.sh: unknown: $option (--user, --purge)" >&2
    exit 1
    ;;
  esac
done

if [ -n "$user" ]; then
  config=${XDG_CONFIG_HOME:-$HOME/.config}
  systemctl --user disable --quiet --now rill || true # it may have been taken away by hand
  rm -rf "$config/systemd/user/rill.service" "$config/systemd/user/rill.service.d"
  systemctl --user daemon-reload
  rm -f "$HOME/.local/bin/rill"
  rm -rf "$HOME/.local/share/rill" "${XDG_CACHE_HOME:-$HOME/.cache}/rill"
  [ -z "$purge" ] || rm -rf "$config/rill" "${XDG_STATE_HOME:-$HOME/.local/state}/rill"
  exit 0
fi

if [ "$(id -u)" -ne 0 ]; then
  echo "uninstall.sh: this needs root: sudo $0" >&2
  exit 1
fi
if [ -d /run/systemd/system ]; then
  systemctl disable --quiet --now rill || true # it may have been taken away by hand
else
  systemctl disable --quiet rill || true
fi
rm -rf /etc/systemd/system/rill.service /etc/systemd/system/rill.service.d
[ ! -d /run/systemd/system ] || systemctl daemon-reload
rm -f /usr/local/bin/rill
rm -rf /opt/rill /var/cache/rill /var/cache/private/rill
[ -z "$purge" ] || rm -rf /etc/rill /var/lib/rill /var/lib/private/rill
