{{- define "name" -}}
gardener-extension-ontap
{{- end -}}

{{- define "selectorLabels" -}}
app.kubernetes.io/name: {{ include "name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "labels" -}}
{{ include "selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "clusterDirectory" -}}
/etc/gardener-extension-ontap/clusters/{{ .name }}
{{- end -}}

{{- define "clusterSecretName" -}}
{{- .existingSecret | default (printf "gardener-extension-ontap-cluster-%s" .name) -}}
{{- end -}}

{{- define "clusterHasCA" -}}
{{- if and (or .ca (and .existingSecret (not .systemRoots))) (not .insecureSkipVerify) }}true{{ end -}}
{{- end -}}

{{- /*
Refuses clusters that cannot work, with a message that names the value and never shows it. Credentials must be strings: YAML
reads a password of digits as a number and would hand over another one.
*/ -}}
{{- define "validateClusters" -}}
{{- $names := dict -}}
{{- range $i, $cluster := .Values.clusters -}}
{{- $at := printf "clusters[%d]" $i -}}
{{- if not (kindIs "map" $cluster) -}}
{{- fail (printf "%s must be an object" $at) -}}
{{- end -}}
{{- range $key, $value := $cluster -}}
{{- if has $key (list "systemRoots" "insecureSkipVerify" "hold" "withoutHA") -}}
{{- if not (kindIs "bool" $value) -}}{{- fail (printf "%s.%s must be true or false" $at $key) -}}{{- end -}}
{{- else if has $key (list "maxSVMs" "maxJobs") -}}
{{- if not (or (kindIs "int" $value) (kindIs "int64" $value) (kindIs "float64" $value)) -}}{{- fail (printf "%s.%s must be a number" $at $key) -}}{{- end -}}
{{- else if eq $key "networks" -}}
{{- if not (kindIs "map" $value) -}}{{- fail (printf "%s.%s must be an object" $at $key) -}}{{- end -}}
{{- else if has $key (list "zones" "qosPolicies") -}}
{{- if not (kindIs "slice" $value) -}}{{- fail (printf "%s.%s must be a list" $at $key) -}}{{- end -}}
{{- else if not (has $key (list "name" "endpoint" "username" "password" "ca" "existingSecret" "accountRole" "ipspace")) -}}
{{- fail (printf "%s.%s is not a known value" $at $key) -}}
{{- else if not (kindIs "string" $value) -}}
{{- fail (printf "%s.%s must be a string, put it in quotes" $at $key) -}}
{{- end -}}
{{- end -}}
{{- $name := .name | default "" -}}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$" $name) -}}
{{- fail (printf "%s.name must be a DNS label of at most 50 characters" $at) -}}
{{- end -}}
{{- if hasKey $names $name -}}
{{- fail (printf "%s.name %q is used twice" $at $name) -}}
{{- end -}}
{{- $_ := set $names $name true -}}
{{- if not (regexMatch "^https://[^/?#@]+$" (.endpoint | default "")) -}}
{{- fail (printf "%s.endpoint must be https://<host>[:<port>] and nothing else" $at) -}}
{{- end -}}
{{- if not .networks -}}
{{- fail (printf "%s.networks is missing: give management and data, see values.yaml" $at) -}}
{{- end -}}
{{- if and .insecureSkipVerify .ca -}}
{{- fail (printf "%s.ca contradicts %s.insecureSkipVerify" $at $at) -}}
{{- end -}}
{{- if .existingSecret -}}
{{- range $key := list "username" "password" "ca" -}}
{{- if get $cluster $key -}}
{{- fail (printf "%s.%s contradicts %s.existingSecret, which holds it" $at $key $at) -}}
{{- end -}}
{{- end -}}
{{- else -}}
{{- range $key := list "username" "password" -}}
{{- if not (get $cluster $key) -}}
{{- fail (printf "%s.%s is missing: give username and password, or existingSecret" $at $key) -}}
{{- end -}}
{{- end -}}
{{- if and .ca .systemRoots -}}
{{- fail (printf "%s.ca contradicts %s.systemRoots" $at $at) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
