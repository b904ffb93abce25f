#!/usr/bin/env bash
# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

# Lints the charts and renders them: with the defaults, with what operators and Gardener give them, and with values that they have to
# refuse by name.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

chart=charts/gardener-extension-ontap
values=$chart/ci/clusters-values.yaml

fail() {
  echo "$chart: $*" >&2
  exit 1
}

render() { .cache/tools/helm template gardener-extension-ontap "$chart" --namespace extension-ontap "$@"; }

# refuses MESSAGE CLUSTERS: rendering these clusters (JSON) fails with this message.
refuses() {
  local output
  if output=$(render --set-json "clusters=$2" 2>&1); then
    fail "renders clusters=$2"
  fi
  [[ $output == *"$1"* ]] || fail "clusters=$2 is refused with another message than '$1': $output"
  [[ $output != *hunter2* ]] || fail "clusters=$2 is refused with a message that shows the password"
}

# refusesValue NAME ASSIGNMENT: rendering with this value fails, and names it.
refusesValue() {
  local output
  if output=$(render --set "$2" 2>&1); then
    fail "renders $2"
  fi
  [[ $output == *"$1"* ]] || fail "$2 is refused without its name $1: $output"
}

.cache/tools/helm lint --quiet --strict "$chart"
.cache/tools/helm lint --quiet --strict "$chart" --values "$values"
render >/dev/null
render --set gardener=null >/dev/null
overwritten=$(render --set-string 'imageVectorOverwrite=images: []')
[[ $overwritten == *'images_overwrite.yaml: |'*'images: []'* && $overwritten == *'/charts_overwrite/images_overwrite.yaml'* ]] ||
  fail 'the overwrite of the image vector does not reach the extension'

password=$(sed -n 's/^ *password: //p' "$values")
[[ -n $password ]] || fail "$values has no password"
for file in configmap deployment service serviceaccount rbac; do
  rendered=$(render --values "$values" --show-only "templates/$file.yaml")
  [[ $rendered != *"$password"* ]] || fail "$file.yaml holds a password"
done
secrets=$(render --values "$values" --show-only templates/secrets.yaml)
[[ $secrets == *"password: $(printf %s "$password" | base64)"* ]] || fail 'the password is not in the Secret'
[[ $(grep -c '^kind: Secret$' <<<"$secrets") == 1 ]] || fail 'an existing Secret is rendered again'

good='"name":"a","endpoint":"https://a.example.org","networks":{"management":{},"data":[]}'
login='"username":"u","password":"hunter2"'
refuses 'clusters[0].name must be a DNS label' "[{\"endpoint\":\"https://a.example.org\",$login}]"
refuses 'clusters[0].endpoint must be https://' "[{\"name\":\"a\",$login}]"
refuses 'clusters[0].endpoint must be https://' "[{\"name\":\"a\",\"endpoint\":\"https://u:hunter2@a.example.org\",$login}]"
refuses 'clusters[0].username is missing' "[{$good}]"
refuses 'clusters[0].password is missing' "[{$good,\"username\":\"u\"}]"
refuses 'clusters[0].password must be a string' "[{$good,\"username\":\"u\",\"password\":12345678}]"
refuses 'clusters[0].username contradicts clusters[0].existingSecret' "[{$good,$login,\"existingSecret\":\"s\"}]"
refuses 'clusters[0].ca contradicts clusters[0].systemRoots' "[{$good,$login,\"ca\":\"c\",\"systemRoots\":true}]"
refuses 'clusters[1].name "a" is used twice' "[{$good,$login},{$good,$login}]"
refuses 'clusters[0].networks is missing' "[{\"name\":\"a\",\"endpoint\":\"https://a.example.org\",$login}]"
refuses 'clusters[0].qosPolicies must be a list' "[{$good,$login,\"qosPolicies\":\"gold\"}]"
refuses 'clusters[0].networks must be an object' "[{\"name\":\"a\",\"endpoint\":\"https://a.example.org\",$login,\"networks\":[]}]"
refuses 'clusters[0].zones must be a list' "[{$good,$login,\"zones\":\"a\"}]"
refuses 'clusters[0].hold must be true or false' "[{$good,$login,\"hold\":\"yes\"}]"
refuses 'clusters[0].maxSVMs must be a number' "[{$good,$login,\"maxSVMs\":\"64\"}]"
refuses 'clusters[0].ca contradicts clusters[0].insecureSkipVerify' "[{$good,$login,\"ca\":\"c\",\"insecureSkipVerify\":true}]"
refuses 'clusters[0].passwrod is not a known value' "[{$good,$login,\"passwrod\":\"hunter2\"}]"
refusesValue replicas 'replicas=-1'
refusesValue logLevel 'logLevel=verbose'
refusesValue recoveryQueue 'recoveryQueue=Delete'
refusesValue repairInterval 'repairInterval=10'
refusesValue replcas 'replcas=2'
refusesValue adminState 'driftCorrection.adminState=yes'
refusesValue /limits/maximum 'limits.maximum.volume=3'
echo "$chart: ok"

# gardener-operator renders both charts of the admission component with the same values, and adds its own.
chart=charts/gardener-extension-ontap-admission
operator='{"runtimeCluster":{"priorityClassName":"gardener-garden-system-400"},"virtualCluster":{"enabled":true,"namespace":"extension-ontap",'
operator+='"serviceAccount":{"name":"extension-admission-ontap","namespace":"kube-system"}}}'

# admission PART VALUES renders a part of the component with these values (JSON) besides those of gardener-operator.
admission() {
  .cache/tools/helm template ontap "$chart/$1" --namespace garden --set-json "gardener=$operator" --set-json "$2" 2>&1
}

# rejects MESSAGE VALUES: the schema of the component refuses these values with this message.
rejects() {
  local output
  if output=$(admission runtime "$2"); then
    fail "renders $2"
  fi
  [[ $output == *"$1"* ]] || fail "$2 is refused with another message than '$1': $output"
}

for part in application runtime; do
  .cache/tools/helm lint --quiet --strict "$chart/$part" --set-json "gardener=$operator"
  admission "$part" 'replicas=3' >/dev/null
  ! .cache/tools/helm template ontap "$chart/$part" >/dev/null 2>&1 || fail "$part renders without the values of gardener-operator"
done
rendered=$(admission runtime 'allowedCIDRs={"data":["10.11.0.0/16","fd00:11::/64"]}')
[[ $rendered == *'--allowed-data-cidrs=10.11.0.0/16,fd00:11::/64'* && $rendered != *'--allowed-management-cidrs'* ]] ||
  fail 'the allowed ranges do not reach the component'
rejects "at '/replicas': got string, want integer" 'replicas="2"'
rejects "at '/logLevel': value must be one of" 'logLevel="verbose"'
rejects "at '/allowedCIDRs/data/0': '10.11.0.0'" 'allowedCIDRs={"data":["10.11.0.0"]}'
rejects "additional properties 'replicaCount' not allowed" 'replicaCount=2'
echo "$chart: ok"
