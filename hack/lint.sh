#!/usr/bin/env bash
# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Runs golangci-lint in each module that has more than tools: `lint.sh all` over the whole tree, `lint.sh` over the files that
# differ from the upstream branch (without one: from the last commit; in a tree that git does not know: all).
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

base=
if [[ ${1:-} != all ]]; then
  base=$(git merge-base HEAD '@{upstream}' 2>/dev/null || git rev-parse --verify --quiet HEAD 2>/dev/null || true)
fi
linter="$PWD/.cache/tools/golangci-lint"
changed=(--new-from-rev="$base" --whole-files)
if [[ -z $base ]]; then
  "$linter" config verify
  changed=()
elif [[ -z $(git status --porcelain test/contract; git diff --name-only "$base" -- test/contract) ]]; then
  exec "$linter" run "${changed[@]}"
fi
"$linter" run "${changed[@]}"
cd test/contract
exec "$linter" run --build-tags=lint "${changed[@]}"
