#!/usr/bin/env bash
# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Fails if a source file lacks the SPDX header in its first five lines (a shebang or a build constraint may stand before it).
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=0
while IFS= read -r file; do
  head=$(head -n 5 "$file")
  if [[ $head != *'SPDX-FileCopyrightText: The gardener-extension-ontap contributors'* ]] ||
    [[ $head != *'SPDX-License-Identifier: Apache-2.0'* ]]; then
    echo "$file: SPDX header missing, see hack/boilerplate.go.txt" >&2
    missing=1
  fi
done < <(find . \( -path ./.git -o -path ./.cache \) -prune -o -type f \
  \( -name '*.go' -o -name '*.sh' -o -name Makefile -o -name Dockerfile -o -path ./.ci/run -o -name .golangci.yaml \) -print)
exit "$missing"
