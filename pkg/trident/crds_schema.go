// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// The kinds whose schema does not take everything. What Trident writes has to fit them, so they are those of 26.06.
var (
	autogrowPolicy = kind{
		name: "TridentAutogrowPolicy", owners: true, plural: "tridentautogrowpolicies", cluster: true, status: true,
		shortNames: []string{"tap", "tagp", "tautogrowpolicy"}, categories: internal,
		columns: []column{
			text("Used Threshold", ".spec.usedThreshold"), text("Growth Amount", ".spec.growthAmount"), wide(text("Max Size", ".spec.maxSize")),
			text("State", ".status.state"), wide(text("Message", ".status.message")),
		},
		properties: map[string]property{
			"spec": object(map[string]property{
				"usedThreshold": {Type: "string", Pattern: `^([1-9]|[1-9][0-9])(\.[0-9]+)?%$`},
				"growthAmount":  {Type: "string", Pattern: `^([1-9][0-9]*(\.[0-9]+)?%|` + size + `)$`, Default: value(`"10%"`)},
				"maxSize":       {Type: "string", Pattern: `^(0|` + size + `)$`, Default: value(`"0"`)},
			}, "usedThreshold"),
			"status": object(map[string]property{"state": oneOf("Success", "Failed", "Deleting"), "message": aString}),
		},
		rules: []apiextensionsv1.ValidationRule{{Rule: "self.metadata.name != 'NONE'", Message: "the name NONE stands for no policy"}},
	}

	autogrowRequest = kind{
		name: "TridentAutogrowRequestInternal", status: true, shortNames: []string{"tagri"}, categories: internal,
		columns: []column{
			text("Volume", ".spec.volume"), text("Autogrow Policy", ".spec.autogrowPolicyRef.name"), text("Observed Used%", ".spec.observedUsedPercent"),
			text("Observed Capacity", ".spec.observedCapacityBytes"), text("Final Size", ".status.finalCapacityBytes"), text("Phase", ".status.phase"),
			date("Age", ".metadata.creationTimestamp"), wide(text("Observed Used Bytes", ".spec.observedUsedBytes")),
			wide(text("Node Name", ".spec.nodeName")), wide(date("Breached At", ".spec.timestamp")),
		},
		properties: map[string]property{
			"spec": object(map[string]property{
				"volume": aString, "nodeName": aString, "observedUsedBytes": aString, "observedCapacityBytes": aString, "timestamp": aTime,
				"observedUsedPercent": {Type: "number", Format: "float"},
				"autogrowPolicyRef":   object(map[string]property{"name": aString, "generation": {Type: "integer", Format: "int64"}}, "name", "generation"),
			}, "volume", "autogrowPolicyRef", "observedCapacityBytes", "observedUsedPercent", "observedUsedBytes", "nodeName"),
			"status": object(map[string]property{
				"phase":   oneOf("Pending", "InProgress", "Completed", "Rejected", "Failed"),
				"message": aString, "finalCapacityBytes": aString, "processedAt": aTime, "retryCount": anInteger,
			}),
		},
	}

	mirrorRelationship = kind{
		name: "TridentMirrorRelationship", owners: true, status: true,
		shortNames: []string{"tmr", "tmrelationship", "tmirrorrelationship"}, categories: both,
		columns: []column{
			text("Desired State", ".spec.state"), text("Local PVC", ".spec.volumeMappings[*].localPVCName"),
			text("Actual state", ".status.conditions[*].state"), text("Message", ".status.conditions[*].message"),
		},
		properties: map[string]property{
			"spec": object(map[string]property{
				"state": oneOf("", "promoted", "established", "reestablished"), "replicationPolicy": aString, "replicationSchedule": aString,
				"volumeMappings": {Type: "array", MinItems: new(int64(1)), MaxItems: new(int64(1)), Items: items(object(map[string]property{
					"promotedSnapshotHandle": aString, "localPVCName": aString, "remoteVolumeHandle": aString,
				}, "localPVCName"))},
			}, "volumeMappings"),
			"status": object(map[string]property{"conditions": {Type: "array", Items: items(object(map[string]property{
				"lastTransitionTime": aString, "localPVCName": aString, "localVolumeHandle": aString, "remoteVolumeHandle": aString, "message": aString,
				"observedGeneration": anInteger, "state": aString, "replicationPolicy": aString, "replicationSchedule": aString,
			}))}}),
		},
	}

	nodeRemediation = kind{
		name: "TridentNodeRemediation", owners: true, shortNames: []string{"tnr", "tnoderemediation", "tnremediation"},
		columns: []column{text("State", ".status.state"), date("Completion Time", ".status.completionTime"), text("Message", ".status.message")},
		properties: map[string]property{
			"spec": object(nil),
			"status": object(map[string]property{
				"state": aString, "message": aString, "completionTime": aTime,
				"volumeAttachments": {Type: "object", AdditionalProperties: &apiextensionsv1.JSONSchemaPropsOrBool{Allows: true, Schema: new(aString)}},
			}),
		},
	}

	nodeRemediationTemplate = kind{
		name: "TridentNodeRemediationTemplate", owners: true, shortNames: []string{"tnrt", "tnrtemplate"},
		properties: map[string]property{
			"spec":   object(map[string]property{"template": object(map[string]property{"spec": object(nil)})}),
			"status": object(nil),
		},
	}

	snapshotInfo = kind{
		name: "TridentSnapshotInfo", owners: true, status: true, shortNames: []string{"tsi", "tsinfo", "tsnapshotinfo"}, categories: both,
		columns: []column{text("Snapshot Handle", ".status.snapshotHandle")},
		properties: map[string]property{
			"spec":   object(map[string]property{"snapshotName": aString}, "snapshotName"),
			"status": object(map[string]property{"lastTransitionTime": aString, "observedGeneration": anInteger, "snapshotHandle": aString}),
		},
	}

	volumeMove = kind{
		name: "TridentVolumeMove", owners: true, status: true, shortNames: []string{"tvm", "tvmove", "tvolmove", "tvolumemove"}, categories: external,
		columns: []column{
			text("Volume", ".metadata.name"), text("State", ".status.state"), date("Age", ".metadata.creationTimestamp"),
			wide(text("Message", ".status.message")), wide(text("SourceNode", ".spec.sourceNode")), wide(text("SourcePool", ".spec.sourcePool")),
			wide(text("TargetNode", ".spec.targetNode")), wide(text("TargetPool", ".spec.targetPool")),
		},
		properties: map[string]property{
			"spec": object(map[string]property{
				"sourceNode": aString, "sourcePool": aString, "targetNode": aString, "targetPool": aString,
				"deleteAfterSuccess": {Type: "string", Format: "duration"},
			}, "sourceNode", "sourcePool", "targetNode", "targetPool"),
			"status": object(map[string]property{
				"state": aString, "message": aString, "startTime": aTime, "completionTime": aTime,
				"initialAccessInfo": anything, "targetAccessInfo": anything, "backendContext": anything,
				"attachments": {Type: "array", Items: items(object(map[string]property{"node": aString, "state": aString, "message": aString}, "node", "state"))},
			}),
		},
	}

	volumePublication = kind{
		name:       "TridentVolumePublication",
		shortNames: []string{"tvp", "tvpub", "tvpublication", "tvolpub", "tvolumepub", "tvolpublication", "tvolumepublication"}, categories: internal,
		columns: []column{
			text("Volume", ".volumeID"), text("Node", ".nodeID"), wide(text("AutogrowPolicy", ".autogrowPolicy")), wide(text("StorageClass", ".storageClass")),
			wide(text("Backend", ".backendUUID")), wide(text("Pool", ".pool")),
			{Name: "AutogrowIneligible", Type: "boolean", JSONPath: ".autogrowIneligible", Priority: 1},
		},
		properties: map[string]property{
			"volumeID": aString, "nodeID": aString, "readOnly": aBoolean, "accessMode": {Type: "integer", Format: "int32"},
			"autogrowPolicy": aString, "storageClass": aString, "backendUUID": aString, "pool": aString, "autogrowIneligible": aBoolean,
		},
		required: []string{"volumeID", "nodeID", "readOnly"},
	}

	volumeReference = kind{
		name: "TridentVolumeReference", owners: true, shortNames: []string{"tvr", "tvref"}, categories: both,
		properties: map[string]property{
			"spec": object(map[string]property{"pvcName": aString, "pvcNamespace": aString}, "pvcName", "pvcNamespace"),
		},
	}
)

// size is how a policy gives an amount of bytes.
const size = `[0-9]+(\.[0-9]+)?(E|P|T|G|M|k|Ei|Pi|Ti|Gi|Mi|Ki)`

var (
	aString   = property{Type: "string"}
	aTime     = property{Type: "string", Format: "date-time"}
	aBoolean  = property{Type: "boolean"}
	anInteger = property{Type: "integer"}
	anything  = property{Type: "object", XPreserveUnknownFields: new(true)}
)

func object(properties map[string]property, required ...string) property {
	return property{Type: "object", Properties: properties, Required: required}
}

func items(of property) *apiextensionsv1.JSONSchemaPropsOrArray {
	return &apiextensionsv1.JSONSchemaPropsOrArray{Schema: &of}
}

func oneOf(values ...string) property {
	of := property{Type: "string"}
	for _, one := range values {
		of.Enum = append(of.Enum, *value(`"` + one + `"`))
	}
	return of
}

// value is one as it stands in JSON.
func value(content string) *apiextensionsv1.JSON { return &apiextensionsv1.JSON{Raw: []byte(content)} }
