#!/bin/sh
# A camera of Linux's through the whole relay, in a machine with the vivid driver and a loopback sound card: as root, with
# Deno, ffmpeg and v4l-utils. Prints what was seen; leaves recordings in the folder it is given.
#
#   tests/lab/camera.sh FOLDER [flows|fails|sound|module|watched]      # inside that machine; one part of it, or all that end
#
# `watched` keeps a relay up on port 8000 until FOLDER/stop exists, for tests/lab/watch.ts outside, and prints each change of
# the controls it sees in the driver, and of what is read.
set -u
out=${1:?a folder for the recordings}
part=${2:-all}
mkdir -p "$out"
project=$(cd "$(dirname "$0")/../.." && pwd)
relay() { exec deno run --quiet -A --config="$project/deno.json" "$project/relay/main.ts" --tls off "$@"; }
ask() { curl -s --max-time 20 "http://127.0.0.1:8000$1"; }
state() { ask /api/streams | sed 's/.*"name":"'"$1"'"[^}]*"state":\({[^}]*}\).*/\1/'; }
seen() { echo "$(cut -d' ' -f1 /proc/uptime) $1: $(state "$1")"; }
wait_for() { # NAME PATTERN SECONDS
  for _ in $(seq "$3"); do
    case "$(state "$1")" in *$2*) seen "$1"; return 0 ;; esac
    sleep 1
  done
  echo "$1 is not $2: $(state "$1")"
  return 1
}

cat > "$out/rill.yaml" <<YAML
listen: 127.0.0.1:8000
access: {publish: open}
data: $out/data
streams:
  porch:
    source: v4l2:/dev/video0?size=320x180&fps=10&bitrate=500k
    audio: alsa:plughw:0,1
    controls: {brightness: 140}
  yard: v4l2:/dev/video4?size=320x180&fps=10&bitrate=500k
  nowhere: v4l2:/dev/video77
YAML

flows() {
  speaker-test -D plughw:0,0 -t sine -f 440 -c 1 >/dev/null 2>&1 &
  relay -c "$out/rill.yaml" --open all >"$out/log" 2>&1 &
  pid=$!
  echo "== two cameras at once, one with its microphone"
  wait_for porch live 90
  wait_for yard live 90
  ask /api/streams/porch | tr ',' '\n' | grep -E '"(codec|width|fps|videoSamples|audioSamples)"'
  echo "== absent"
  wait_for nowhere offline 20
  echo "== controls, set by the file, changed live, read back from the driver"
  v4l2-ctl -d /dev/video0 -C brightness
  curl -s -X PATCH -H 'content-type: application/json' -d '{"brightness":77,"horizontal_flip":true}' \
    http://127.0.0.1:8000/api/streams/porch/controls | tr '{' '\n' | grep -E 'brightness|horizontal_flip'
  v4l2-ctl -d /dev/video0 -C brightness,horizontal_flip
  curl -s -X PATCH -d '{"brightness":999}' http://127.0.0.1:8000/api/streams/porch/controls
  echo
  echo "== ten seconds of it"
  timeout 10 curl -s http://127.0.0.1:8000/live/porch/stream.mp4 > "$out/porch.mp4"
  ffprobe -v error -count_packets -show_entries stream=codec_name,width,height,nb_read_packets,start_time -of csv "$out/porch.mp4"
  kill $pid; wait $pid 2>/dev/null
}

fails() {
  echo "== busy"
  v4l2-ctl -d /dev/video0 --stream-mmap --stream-count=0 >/dev/null 2>&1 &
  holder=$!
  sleep 2
  relay --listen 127.0.0.1:8000 --data "$out/data" --open all \
    "porch=v4l2:/dev/video0?size=320x180&fps=10&bitrate=500k" >>"$out/log" 2>&1 &
  pid=$!
  wait_for porch busy 120
  echo "== free again"
  kill $holder
  wait_for porch live 120
  sleep 20
  seen porch
  echo "== unplugged"
  printf vivid.0 > /sys/bus/platform/drivers/vivid/unbind
  wait_for porch offline 60
  echo "== plugged in again"
  sleep 5
  printf vivid.0 > /sys/bus/platform/drivers/vivid/bind
  wait_for porch live 120
  kill $pid; wait $pid 2>/dev/null
  echo "== no permission"
  chmod 000 /dev/video0
  # Without its capabilities root is held to files' permissions as everybody is, and still reads Deno's cache.
  setpriv --inh-caps=-all --bounding-set=-all deno run --quiet -A --config="$project/deno.json" "$project/relay/main.ts" \
    --tls off --listen 127.0.0.1:8000 --data "$out/data" \
    "porch=v4l2:/dev/video0?size=320x180&fps=10&bitrate=500k" >>"$out/log" 2>&1 &
  pid=$!
  wait_for porch offline 120
  echo "== permission"
  chmod 666 /dev/video0
  wait_for porch live 120
  kill $pid
}

# Sound faults: the picture goes on each time, and the sound comes back by itself.
sound() {
  echo "== a camera whose microphone is not there"
  relay --listen 127.0.0.1:8000 --data "$out/data" --open all \
    "porch=v4l2:/dev/video0?size=320x180&fps=10&bitrate=500k&audio=alsa:plughw:0,1" >"$out/log" 2>&1 &
  pid=$!
  rm -f /dev/snd/pcmC0D1c
  wait_for porch live 120
  said 'microphone'
  tracks
  kill $pid; wait $pid 2>/dev/null
  printf 'add' > /sys/class/sound/pcmC0D1c/uevent
  [ -e /dev/snd/pcmC0D1c ] || mknod /dev/snd/pcmC0D1c c $(tr : ' ' < /sys/class/sound/pcmC0D1c/dev)

  echo "== busy: another program has it (a loopback card has eight of each: one is named)"
  speaker-test -D plughw:0,0,0 -t sine -f 440 -c 1 >/dev/null 2>&1 &
  arecord -q -D plughw:0,1,0 -f S16_LE -r 48000 -c 1 -t raw >/dev/null 2>"$out/arecord" &
  recorder=$!
  sleep 2
  relay --listen 127.0.0.1:8000 --data "$out/data" --open all \
    "porch=v4l2:/dev/video0?size=320x180&fps=5&bitrate=500k&audio=alsa:plughw:0,1,0" >"$out/log" 2>&1 &
  pid=$!
  wait_for porch live 120
  said 'microphone.*busy' || cat "$out/arecord"
  tracks
  echo "== free again"
  kill $recorder
  until_tracks audio 120
  echo "== unplugged while it runs: the card's driver is unbound"
  before=$(pictures)
  printf snd_aloop.0 > /sys/bus/platform/drivers/snd_aloop/unbind
  sleep 20
  said 'microphone'
  until_tracks video 60
  echo "pictures meanwhile: $(($(pictures) - before)); $(state porch)"
  echo "== plugged in again"
  printf snd_aloop.0 > /sys/bus/platform/drivers/snd_aloop/bind
  sleep 2
  speaker-test -D plughw:0,0,0 -t sine -f 440 -c 1 >/dev/null 2>&1 &
  until_tracks audio 120
  timeout 10 curl -s http://127.0.0.1:8000/live/porch/stream.mp4 > "$out/sound.mp4"
  ffprobe -v error -count_packets -show_entries stream=codec_name,nb_read_packets,start_time -of csv "$out/sound.mp4"
  kill $pid; wait $pid 2>/dev/null

  echo "== by the card's name, as Opus"
  speaker-test -D plughw:0,1 -t sine -f 440 -c 1 >/dev/null 2>&1 &
  relay --listen 127.0.0.1:8000 --data "$out/data" --open all \
    "porch=v4l2:/dev/video0?size=320x180&fps=5&audio=alsa:sysdefault:CARD=Loopback&sound=opus" >"$out/log" 2>&1 &
  pid=$!
  wait_for porch live 120
  until_tracks audio 120
  timeout 10 curl -s http://127.0.0.1:8000/live/porch/stream.mp4 > "$out/opus.mp4"
  ffprobe -v error -count_packets -show_entries stream=codec_name,nb_read_packets,start_time -of csv "$out/opus.mp4"
  kill $pid; wait $pid 2>/dev/null
}

said() { # PATTERN: the newest line of the log that has it
  for _ in $(seq 60); do
    grep -i "$1" "$out/log" | tail -1 | grep . && return 0
    sleep 1
  done
  echo "nothing was said of: $1"
  return 1
}
tracks() { ask /api/streams/porch | grep -o '"kind":"[a-z]*"' | tr '\n' ' '; echo; }
pictures() { ask /api/streams/porch | grep -o '"videoSamples":[0-9]*' | cut -d: -f2; }
until_tracks() { # LAST_KIND SECONDS
  for _ in $(seq "$2"); do
    case "$(tracks)" in *"\"$1\" ") tracks; return 0 ;; esac
    sleep 1
  done
  echo "the tracks are not those with $1 last: $(tracks)"
  return 1
}

# The driver itself taken out of the kernel while the camera streams, and put in again.
module() {
  relay --listen 127.0.0.1:8000 --data "$out/data" --open all \
    "porch=v4l2:/dev/video0?size=320x180&fps=10&bitrate=500k" >"$out/log" 2>&1 &
  pid=$!
  wait_for porch live 120
  echo "== module removed while it streams"
  rmmod vivid || {
    echo "rmmod refuses while it is in use; unplugged first"
    printf vivid.0 > /sys/bus/platform/drivers/vivid/unbind
  }
  wait_for porch offline 60
  for _ in $(seq 60); do rmmod vivid 2>/dev/null && break; sleep 1; done
  grep -q '^vivid' /proc/modules && echo "vivid is still there" || echo "vivid is out of the kernel"
  ls /dev/video* 2>&1 | head -3
  sleep 15
  seen porch
  echo "== module loaded again"
  modprobe ${LAB_MODULE_ROOT:+-d "$LAB_MODULE_ROOT"} vivid ${LAB_VIVID:-}
  wait_for porch live 120
  kill $pid; wait $pid 2>/dev/null
}

# An emulated machine bears one camera at a time, so both sleep while nobody watches them.
watched() {
  echo "== what --list prints, controls left out"
  (relay --list) | grep -v ' = \|when set' | cut -c1-110
  ffmpeg -hide_banner -version >/dev/null # read once from a slow disk, it begins in time
  speaker-test -D plughw:0,0 -t sine -f 440 -c 1 >/dev/null 2>&1 &
  sed -i 's/fps=10/fps=5/; s/^listen:.*/listen: 0.0.0.0:8000/
    s|^    source: .*|&\&sound=opus\n    on_demand: true|
    s|^  yard: \(.*\)|  yard: {source: "\1", on_demand: true}|' "$out/rill.yaml"
  relay -c "$out/rill.yaml" --open all >"$out/log" 2>&1 &
  pid=$!
  echo "== nobody watches"
  wait_for porch asleep 300
  wait_for yard asleep 300
  last=
  until [ -e "$out/stop" ]; do
    now="$(v4l2-ctl -d /dev/video0 -C brightness,horizontal_flip 2>&1 | tr '\n' ' ')| porch $(state porch) | yard $(state yard)"
    now="$now | read: $(pgrep -ax ffmpeg | grep -o -E '/dev/video[0-9]|plughw:[0-9,]*' | tr '\n' ' ')"
    [ "$now" = "$last" ] || echo "$(cut -d' ' -f1 /proc/uptime) the driver has: $now"
    last=$now
    sleep 10 # each look costs an emulated machine a second
  done
  kill $pid; wait $pid 2>/dev/null
}

case $part in
  all) for each in flows fails sound module; do $each; done ;;
  *) $part ;;
esac
grep -v 'the picture flows' "$out/log" | tail -25
