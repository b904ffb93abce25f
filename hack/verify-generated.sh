#!/usr/bin/env bash
# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Fails if `make generate` would change a file, and leaves the tree as it was.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

generated() { find README.md pkg -name README.md -print0 -o -name 'zz_generated.*' -print0; }

before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
generated | xargs -0 -r cp --parents -t "$before"

make --no-print-directory generate
if diff -u <(cd "$before" && generated | sort -z | xargs -0 -r sha256sum) <(generated | sort -z | xargs -0 -r sha256sum); then
  exit 0
fi
generated | xargs -0 -r rm -f
cp -R "$before/." .
echo 'Generated files are out of date: run "make generate" and commit the result.' >&2
exit 1
