#!/usr/bin/env bash
# Measures one network of real nodes, as the script of this name always did: a thin wrapper over perfgate run.
#
#   NUM_NODES          nodes to launch (default 3)
#   TEST_DURATION      seconds of the steady window (default 60)
#   BASE_PORT          first port of the nodes (default 9000)
#   BASE_METRICS_PORT  first port of their control addresses (default 9600)
#   LOG_DIR            where results go (default /tmp/communitas-perf-test); its top has the files of the last run
#   BINARY_PATH        node binary to measure; unset builds the subject of perfgate.toml
#   PERFGATE           perfgate to use; unset takes the one in PATH, or else builds the one of this repository
#
# Arguments go to perfgate run, after these: --scenario small --runs 1 --warmup 0. The exit code is perfgate's:
# perfgate run --help lists them.
set -euo pipefail

export NUM_NODES=${NUM_NODES:-3}
export TEST_DURATION=${TEST_DURATION:-60}
export BASE_PORT=${BASE_PORT:-9000}
export BASE_METRICS_PORT=${BASE_METRICS_PORT:-9600}
export LOG_DIR=${LOG_DIR:-/tmp/communitas-perf-test}
[[ -z ${BINARY_PATH:-} ]] || export BINARY_PATH

set -- run --scenario small --runs 1 --warmup 0 "$@"

perfgate=${PERFGATE:-$(command -v perfgate || true)}
if [[ -n $perfgate ]]; then
  exec "$perfgate" "$@"
fi

# Built here and not with go run, which turns every exit code into 1.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
built=$(mktemp -d "${TMPDIR:-/tmp}/perfgate.XXXXXX")
trap 'rm -rf "$built"' EXIT
if ! go -C "$repository" build -o "$built/perfgate" ./cmd/perfgate; then
  echo "no perfgate: name one in PERFGATE, put it into PATH, or install Go to build it" >&2
  exit 3
fi

# A signal to this script goes on to perfgate, which stops its nodes; wait returns early then, and is asked again.
"$built/perfgate" "$@" &
child=$!
trap 'kill -TERM "$child" 2>/dev/null || true' INT TERM HUP
while true; do
  code=0
  wait "$child" || code=$?
  kill -0 "$child" 2>/dev/null || exit "$code"
done
