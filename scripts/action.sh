#!/usr/bin/env bash
# What action.yml does once perfgate is there: one measurement, with its summary and outputs. Everything that it is told comes in
# variables, so that nothing of a pull request is ever read as code.
set -euo pipefail

arguments=(--config "$CONFIG")

# each FLAG LINES adds the flag once for each line that is not empty.
each() {
  local line
  while IFS= read -r line; do
    line=${line%$'\r'}
    [[ -z ${line//[[:space:]]/} ]] || arguments+=("$1=$line")
  done <<<"$2"
}

# revision prints what --against is to be: for auto the merge base of a pull request, or what a push began from.
revision() {
  case $AGAINST-$EVENT in
    auto-pull_request | auto-pull_request_target)
      git merge-base "$PULL_REQUEST_BASE" HEAD || {
        echo "::error title=perfgate::no commit that this branch and its base have in common: give actions/checkout fetch-depth: 0" >&2
        return 2
      }
      ;;
    auto-push)
      # A new branch was nothing before, and one that was moved by force may have been what nobody has any more.
      git rev-parse --quiet --verify "$PUSHED_FROM^{commit}" || git rev-parse --quiet --verify 'HEAD^^{commit}' || true
      ;;
    auto-*) ;;
    *) echo "$AGAINST" ;;
  esac
}

# output NAME VALUE tells later steps; a value is one line.
output() { printf '%s=%s\n' "$1" "${2//[$'\r\n']/ }" >>"$GITHUB_OUTPUT"; }

case $COMMAND in
  check | run) ;;
  *) echo "::error title=perfgate::command is $COMMAND, and may be check, run or none"; exit 2 ;;
esac
each --scenario "$SCENARIO"
each --benchmark "$BENCHMARK"
each --tag "$TAG"
if [[ $COMMAND == check ]]; then
  against=$(revision)
  [[ -z $against ]] || arguments+=("--against=$against")
  [[ -z $INCONCLUSIVE ]] || arguments+=("--inconclusive=$INCONCLUSIVE")
fi
while IFS= read -r line; do
  line=${line%$'\r'}
  [[ -z ${line//[[:space:]]/} ]] || arguments+=("$line")
done <<<"$ARGUMENTS"

results=$(mktemp -d "$RUNNER_TEMP/perfgate-results.XXXXXX")/results
output results "$results"
output against "${against:-}"
output artifact "perfgate-results${NAME:+-$NAME}"

code=0
"$PROGRAM" "$COMMAND" "${arguments[@]}" --out "$results" || code=$?
output exit-code "$code"

# The first verdict of the document is that of the whole.
verdict=
if [[ -f $results/verdict.json ]]; then
  verdict=$(sed -n '/^ *"verdict": *"[a-z_]*"/ { s/^[^:]*: *"\([a-z_]*\)".*/\1/p; q; }' "$results/verdict.json")
fi
if [[ $COMMAND == check ]]; then
  output verdict "${verdict:-failed}"
fi

if [[ -f $results/results.json ]]; then
  {
    [[ -z $NAME ]] || printf '## %s\n\n' "${NAME//[^a-zA-Z0-9 ._-]/}"
    "$PROGRAM" report --config "$CONFIG" --format markdown "$results"
  } >>"$GITHUB_STEP_SUMMARY" || echo "::warning title=perfgate::no summary could be made"
fi

case $code in
  0 | 130) ;;
  4) echo "::error title=perfgate::inconclusive: the measurement does not decide; see the summary" ;;
  2) echo "::error title=perfgate::usage or configuration: see the log of this step" ;;
  *) echo "::error title=perfgate::${verdict:-perfgate failed}: see the summary and the log of this step" ;;
esac
exit "$code"
