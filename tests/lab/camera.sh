#!/bin/sh
# A camera of Linux's through the whole relay, in a machine with the vivid driver and a loopback sound card: as root, with
# Deno, ffmpeg and v4l-utils. Prints what was seen; leaves recordings in the folder it is given.
#
#   tests/lab/camera.sh FOLDER [flows|fails]      # inside that machine; one half of it, or both
set -u
out=${1:?a folder for the recordings}
part=${2:-both}
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

[ "$part" = fails ] || flows
[ "$part" = flows ] || fails
grep -v 'the picture flows' "$out/log" | tail -25
