#!/bin/sh
# Installs this unpacked archive as a service, or puts a newer one in the place of an older. Downloads nothing.
#   sudo ./install.sh         of the machine: /opt/rill, /etc/rill/rill.yaml, rill.service
#   ./install.sh --user       of this user: ~/.local/share/rill, ~/.config/rill/rill.yaml, a user unit
#   sudo /opt/rill/install.sh --devices    only allows the devices that /etc/rill/rill.yaml now names
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

# Copies this folder to $1, whole or not at all: what runs keeps its files until it is started again.
copy_to() {
  [ "$here" != "$1" ] || return 0
  mkdir -p "$(dirname -- "$1")"
  rm -rf "$1.new" "$1.old"
  cp -R "$here" "$1.new"
  chmod -R a+rX "$1.new" # whatever the umask
  [ ! -e "$1" ] || mv "$1" "$1.old"
  mv "$1.new" "$1"
  rm -rf "$1.old"
}

# A first configuration, if there is none.
configure() {
  folder=$(dirname -- "$1")
  if [ ! -d "$folder" ]; then
    mkdir -p "$folder"
    [ "$(id -u)" -ne 0 ] || chmod a+rx "$folder" # whatever the umask: the service runs as another user
  fi
  [ ! -e "$1" ] || return 0
  cat >"$1" <<'YAML'
# yaml-language-server: $schema=http://localhost:8000/api/config.schema.json
streams:
  demo: demo
YAML
  chmod a+r "$1"
}

# What ${…} in the configuration stands for, as the service has it: the file is read, not run.
read_environment() {
  [ -e /etc/rill/rill.env ] || return 0
  while IFS='=' read -r name value || [ -n "$name" ]; do
    case "$name" in
    '' | '#'* | ';'*) continue ;;
    [0-9]* | *[!A-Za-z0-9_]*) continue ;;
    esac
    case "$value" in
    '"'*'"' | "'"*"'")
      value=${value#?}
      value=${value%?}
      ;;
    esac
    export "$name=$value"
  done </etc/rill/rill.env
}

# Which devices the configuration names, as a drop-in.
allow_devices() {
  read_environment
  "$here/rill" devices --config=/etc/rill/rill.yaml >/run/rill-devices.conf ||
    fail "/etc/rill/rill.yaml cannot be used; put it right and run: sudo /opt/rill/install.sh --devices"
  mkdir -p /etc/systemd/system/rill.service.d
  mv /run/rill-devices.conf /etc/systemd/system/rill.service.d/devices.conf
}

is_running() {
  [ -d /run/systemd/system ]
}

case "${1-}" in
'')
  [ "$(id -u)" -eq 0 ] || fail "this needs root: sudo ./install.sh, or ./install.sh --user for a service of your own"
  copy_to /opt/rill
  chown -R 0:0 /opt/rill
  mkdir -p /usr/local/bin
  ln -sf /opt/rill/rill /usr/local/bin/rill
  configure /etc/rill/rill.yaml
  cp "$here/systemd/rill.service" /etc/systemd/system/rill.service
  allow_devices
  if is_running; then
    systemctl daemon-reload
    systemctl enable --quiet rill
    systemctl restart rill
    echo "Rill runs. It is configured in /etc/rill/rill.yaml, and says how it does in: journalctl -u rill"
  else
    systemctl enable --quiet rill
    echo "Rill is installed, and starts with systemd: at the next start of this machine."
  fi
  ;;
--devices)
  [ "$(id -u)" -eq 0 ] || fail "this needs root: sudo $0 --devices"
  allow_devices
  if is_running; then
    systemctl daemon-reload
    systemctl restart rill
  fi
  ;;
--user)
  [ "$(id -u)" -ne 0 ] || fail "--user is for a user other than root; without it Rill is installed for the machine"
  config=${XDG_CONFIG_HOME:-$HOME/.config}
  copy_to "$HOME/.local/share/rill"
  mkdir -p "$HOME/.local/bin" "$config/systemd/user"
  ln -sf "$HOME/.local/share/rill/rill" "$HOME/.local/bin/rill"
  configure "$config/rill/rill.yaml"
  cp "$here/systemd/user/rill.service" "$config/systemd/user/rill.service"
  systemctl --user daemon-reload
  systemctl --user enable --quiet rill
  systemctl --user restart rill
  # Started with the machine, and kept when the user is not logged in.
  loginctl enable-linger || echo "It ends when you log out, until an administrator runs: loginctl enable-linger $(id -un)"
  echo "Rill runs. It is configured in $config/rill/rill.yaml, and says how it does in: journalctl --user -u rill"
  ;;
*)
  fail "unknown: $1 (nothing, --user or --devices)"
  ;;
esac
