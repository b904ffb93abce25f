// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
)

const (
	storage       = "storage.k8s.io"
	snapshots     = "snapshot.storage.k8s.io"
	groupSnapshot = "groupsnapshot.storage.k8s.io"
)

var (
	read = []string{"get", "list", "watch"}
	keep = []string{"get", "list", "watch", "create", "delete", "update", "patch"}
)

func rule(group string, verbs []string, resources ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: resources, Verbs: verbs}
}

func verbs(names ...string) []string { return names }

// controllerRules are those of 26.06 for controller and sidecars, without what only NetApp's installer, OpenShift, pod security
// policies and the reports to NetApp need.
func controllerRules() []rbacv1.PolicyRule {
	own := make([]string, 0, 2*len(kinds))
	for _, k := range kinds {
		if k.name == "TridentConfigurator" {
			continue // it is for the operator
		}
		own = append(own, k.resource(), k.resource()+"/status")
	}
	return []rbacv1.PolicyRule{
		rule("", verbs("get", "list"), "namespaces"),
		rule("", keep, "persistentvolumes", "persistentvolumeclaims"),
		rule("", verbs("update", "patch"), "persistentvolumeclaims/status"),
		rule("", verbs("get", "list", "watch", "create", "update", "patch"), "events"),
		rule("", verbs("get", "list", "watch", "delete"), "pods"),
		rule("", read, "nodes"),
		rule(storage, keep, "storageclasses"),
		rule(storage, verbs("get", "list", "watch", "update", "patch", "delete"), "volumeattachments"),
		rule(storage, verbs("update", "patch"), "volumeattachments/status"),
		rule(storage, read, "csinodes"),
		rule(snapshots, read, "volumesnapshots", "volumesnapshotclasses"),
		rule(snapshots, verbs("get", "list", "watch", "update", "patch"), "volumesnapshotcontents"),
		rule(snapshots, verbs("update", "patch"), "volumesnapshots/status", "volumesnapshotcontents/status"),
		rule(groupSnapshot, verbs("list"), "volumegroupsnapshots"),
		rule(groupSnapshot, verbs("list", "watch"), "volumegroupsnapshotclasses"),
		rule(groupSnapshot, verbs("get", "list", "watch", "patch"), "volumegroupsnapshotcontents"),
		rule(groupSnapshot, verbs("update"), "volumegroupsnapshotcontents/status"),
		rule("apiextensions.k8s.io", verbs("get"), "customresourcedefinitions"),
		rule(tridentv1.SchemeGroupVersion.Group, keep, own...),
	}
}

func nodeRules() []rbacv1.PolicyRule {
	group := tridentv1.SchemeGroupVersion.Group
	return []rbacv1.PolicyRule{
		rule("", verbs("get"), "nodes"), // for the labels of its zone
		rule(storage, read, "storageclasses"),
		rule(group, read, "tridentvolumepublications", "tridentbackends", "tridentautogrowpolicies"),
		rule(group, verbs("get", "list", "watch", "create", "update", "patch"), "tridentautogrowrequestinternals"),
		rule(group, verbs("get", "list", "watch", "update", "patch"), "tridentvolumemoves", "tridentvolumemoves/status"),
	}
}

// access is who the pods are and what they may do.
func access() []client.Object {
	var objects []client.Object
	for name, rules := range map[string][]rbacv1.PolicyRule{controllerName: controllerRules(), nodeName: nodeRules()} {
		objects = append(objects,
			&corev1.ServiceAccount{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"}, ObjectMeta: named(name, nil)},
			&rbacv1.ClusterRole{TypeMeta: rbacType("ClusterRole"), ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules},
			&rbacv1.ClusterRoleBinding{
				TypeMeta: rbacType("ClusterRoleBinding"), ObjectMeta: metav1.ObjectMeta{Name: name},
				RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}, Subjects: account(name),
			},
		)
	}
	// Trident reads the credentials of all backends in its namespace, and keeps there those of backends that are made without
	// a TridentBackendConfig, under names that it makes up.
	return append(objects,
		&rbacv1.Role{TypeMeta: rbacType("Role"), ObjectMeta: named(controllerName, nil), Rules: []rbacv1.PolicyRule{rule("", keep, "secrets")}},
		&rbacv1.RoleBinding{
			TypeMeta: rbacType("RoleBinding"), ObjectMeta: named(controllerName, nil),
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: controllerName}, Subjects: account(controllerName),
		},
	)
}

func rbacType(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: kind}
}

func account(name string) []rbacv1.Subject {
	return []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: metav1.NamespaceSystem, Name: name}}
}
