#!/usr/bin/env bash
# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Builds each program of the images twice with the Go of the Dockerfile, in this tree and in a copy of it somewhere else, and fails if
# the two differ, if the program is not static or does not say its version. Then lists what it is made of (.cache/sbom/<program>.json,
# CycloneDX), and fails if a module has a licence that is not allowed, or a known vulnerability is within reach that is not excused.
# The vulnerabilities are those of the newest golang.org/x/vulndb that the module proxy has.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

allowed='Apache-2.0|MIT|MIT-0|BSD-2-Clause|BSD-3-Clause|BSD-Source-Code|0BSD|ISC|MPL-2.0|Unlicense'
# Modules whose licence is not recognized, and was read: github.com/hashicorp/go-metrics v0.5.4 is MIT.
read_by_hand='github.com/hashicorp/go-metrics@v0.5.4'

# Vulnerabilities that govulncheck reports, and that are none here.
# GO-2026-6568: authorization in gardener/gardener; 1.149.3 is newer than all releases that it names, in versions it could not map.
# GO-2026-6872, GO-2026-6875: how the web framework echo finds the address of a client; it is linked in and serves nothing.
excused='GO-2026-6568 GO-2026-6872 GO-2026-6875'

fail() {
  echo "$*" >&2
  exit 1
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p .cache/sbom "$scratch/elsewhere"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$scratch/elsewhere"
export CGO_ENABLED=0 GOTOOLCHAIN
GOTOOLCHAIN=$(sed -n 's/^ENV GOTOOLCHAIN=//p' Dockerfile)
database=$(go mod download -json golang.org/x/vulndb@latest | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')

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

  # 3 is its answer where it has found something.
  .cache/tools/govulncheck -db "file://$database/data/osv" "./$main" >"$scratch/log" || [[ $? == 3 ]] || fail "$(<"$scratch/log")"
  found=$(sed -n 's/^Vulnerability #[0-9]*: //p' "$scratch/log" | sort)
  [[ $found == "$(tr ' ' '\n' <<<"$excused")" ]] ||
    fail "$program: vulnerabilities are $found, excused are $excused: $(<"$scratch/log")"
  echo "$program: reproducible, static, $(wc -l <<<"$licences") licences of modules allowed," \
    "$(wc -w <<<"$excused") vulnerabilities excused of ${database##*@} with $(go env GOVERSION)"
done
