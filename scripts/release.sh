#!/usr/bin/env bash
# Builds the programs of a release: scripts/release.sh VERSION FOLDER [PROGRAM/OS/ARCH...], by default all of them.
#
# Two builds of one commit give the same bytes, so that anybody can check a release with its SHA256SUMS. The commit has to carry the tag
# VERSION, and the checkout nothing that is not committed: Go writes both into the programs, and perfgate init the version into workflows.
set -euo pipefail
export LC_ALL=C
[[ $# -ge 2 && $1 =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || {
  echo "usage: scripts/release.sh VERSION FOLDER [PROGRAM/OS/ARCH...], with a version such as v1.2.0" >&2
  exit 2
}
version=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
shift 2
(($# > 0)) || set -- perfgate/{linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64} refnode/{linux/amd64,linux/arm64}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ -z $(ls -A "$folder") ]] || { echo "$folder is not empty" >&2; exit 2; }

# Nothing comes into the folder before all are built: where it lies in the checkout, what is in it would count as a change.
made=$(mktemp -d "${TMPDIR:-/tmp}/perfgate-release.XXXXXX")
trap 'rm -rf "$made"' EXIT

# pack PROGRAM OS ARCH
pack() {
  local name=$1-$version-$2-$3 program=$1 stamp
  [[ $2 != windows ]] || program=$1.exe
  mkdir "$made/$name"
  CGO_ENABLED=0 GOOS=$2 GOARCH=$3 go build -buildvcs=true -trimpath -ldflags="-s -w" -o "$made/$name/$program" "./cmd/$1"
  stamp=$(go version -m "$made/$name/$program" | awk '$1 == "mod" { print $3 }')
  [[ $stamp == "$version" ]] || { echo "$name says that it is $stamp: check out the tag $version, whole and unchanged" >&2; return 1; }
  cp LICENSE README.md "$made/$name/"
  tar -C "$made" --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$(git log -1 --format=%ct)" -cf - "$name" | gzip -9n >"$made/$name.tar.gz"
  rm -r "${made:?}/$name"
  echo "$name.tar.gz"
}

for target; do
  IFS=/ read -r program os arch <<<"$target"
  pack "$program" "$os" "$arch"
done
(cd "$made" && sha256sum -- *.tar.gz >SHA256SUMS)
cp "$made"/* "$folder/"
