#!/usr/bin/env bash
# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Builds each program of the images twice, in this tree and in a copy of it somewhere else, and fails if the two differ, if the
# program is not static or does not say its version. Then lists what it is made of (.cache/sbom/<program>.json, CycloneDX) and fails
# if a module has a licence that is not allowed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

allowed='Apache-2.0|MIT|MIT-0|BSD-2-Clause|BSD-3-Clause|BSD-Source-Code|0BSD|ISC|MPL-2.0|Unlicense'
# Modules whose licence is not recognized, and was read: github.com/hashicorp/go-metrics v0.5.4 is MIT.
read_by_hand='github.com/hashicorp/go-metrics@v0.5.4'

fail() {
  echo "$*" >&2
  exit 1
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p .cache/sbom "$scratch/elsewhere"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$scratch/elsewhere"
export CGO_ENABLED=0

# build TREE MAIN OUTPUT builds a program as the Dockerfile does.
build() {
  go build -C "$1" -trimpath -buildvcs=false -o "$3" -ldflags "-s -w \
    -X k8s.io/component-base/version.gitVersion=v0.0.0-check \
    -X k8s.io/component-base/version/verflag.programName=${2##*/}" "./$2"
}

for main in cmd/gardener-extension-ontap*; do
  program=${main##*/}
  built=$scratch/$program
  build . "$main" "$built"
  build "$scratch/elsewhere" "$main" "$built-elsewhere"
  cmp "$built" "$built-elsewhere" || fail "$program is not the same when it is built in another directory"
  [[ $("$built" --version) == "$program v0.0.0-check" ]] || fail "$program does not say its version"
  go version -m "$built" | grep -q $'build\tCGO_ENABLED=0' || fail "$program is not static"

  sbom=.cache/sbom/$program.json
  .cache/tools/cyclonedx-gomod app -json -licenses -assert-licenses -noserial -main "$main" -output "$sbom" . 2>"$scratch/log" ||
    fail "$(<"$scratch/log")"
  unknown=$(sed 's/\x1b\[[0-9;]*m//g' "$scratch/log" | sed -n 's/.*no licenses detected.*module=//p' | grep -vxF "$read_by_hand" || true)
  [[ -z $unknown ]] || fail "$program: no licence is recognized of $unknown"
  licences=$(grep -A1 '"license": {' "$sbom" | grep -oP '"(id|name)": "\K[^"]+' || true)
  refused=$(sort -u <<<"$licences" | grep -vxE "$allowed" || true)
  [[ -z $refused ]] || fail "$program: licences that are not allowed: $refused"
  echo "$program: reproducible, static, $(wc -l <<<"$licences") licences of modules allowed"
done
