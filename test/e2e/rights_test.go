// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

const extensionName = "gardener-extension-ontap"

// permission is one thing that somebody may do, everywhere where the namespace is empty and to all objects where the name is.
type permission struct{ namespace, group, resource, name, verb string }

func (p permission) String() string {
	return fmt.Sprintf("%s %s.%s %s in %s", p.verb, p.resource, cmp.Or(p.group, "core"), cmp.Or(p.name, "*"), cmp.Or(p.namespace, "*"))
}

// unused are the permissions of the chart that no spec of this suite uses, and why it grants them all the same.
var unused = map[permission]string{
	{group: "extensions.gardener.cloud", resource: "clusters", verb: "list"}:     noStream,
	{group: "extensions.gardener.cloud", resource: "extensions", verb: "list"}:   noStream,
	{resource: "namespaces", verb: "list"}:                                       noStream,
	{resource: "secrets", name: seedsecret.Name, verb: "list"}:                   noStream,
	{group: "events.k8s.io", resource: "events", verb: "patch"}:                  repeated,
	{namespace: landscape.ExtensionNamespace, resource: "events", verb: "patch"}: repeated,
}

const (
	noStream = "where a server does not begin a watch with what there is, a list comes before it"
	repeated = "an event that is told again within six minutes is counted by a patch"
)

// expectLeastPrivilege sees that the chart grants what the extension needs, no less and no more. It is for after all specs, which
// need most of it.
func expectLeastPrivilege(ctx context.Context) {
	GinkgoHelper()
	config, _ := GinkgoConfiguration()
	if len(config.FocusStrings)+len(config.SkipStrings) > 0 || os.Getenv("NODES") != "" {
		return // these need only some of it
	}
	granted, used := grants(ctx), map[permission]bool{}
	asked, err := seed.Audit()
	Expect(err).NotTo(HaveOccurred())
	for _, event := range asked {
		if event.ObjectRef == nil {
			continue // what a server serves, and whether it is ready
		}
		want := permission{
			namespace: event.ObjectRef.Namespace, group: event.ObjectRef.APIGroup, resource: event.ObjectRef.Resource,
			name: event.ObjectRef.Name, verb: event.Verb,
		}
		if event.ObjectRef.Subresource != "" {
			want.resource += "/" + event.ObjectRef.Subresource
		}
		Expect(event.Annotations).NotTo(HaveKeyWithValue("authorization.k8s.io/decision", "forbid"), "%s: %d", want, code(event))
		if by, ok := narrowest(granted, want); ok {
			used[by] = true
		}
		expectNarrowWatch(want)
	}
	var idle []string
	for _, p := range granted {
		if !used[p] && unused[p] == "" {
			idle = append(idle, p.String())
		}
	}
	Expect(idle).To(BeEmpty(), "granted by the chart and never used")
	for p, reason := range unused {
		Expect(used[p]).To(BeFalse(), "%s is used, and excused: %s", p, reason)
		Expect(granted).To(ContainElement(p), "%s is excused, and not granted", p)
	}
	Expect(slices.Collect(maps.Keys(used))).NotTo(BeEmpty())
}

func code(event auditv1.Event) int32 {
	if event.ResponseStatus == nil {
		return http.StatusContinue
	}
	return event.ResponseStatus.Code
}

// expectNarrowWatch sees that no Secret of others is kept: only those of the one name are watched, and no list goes over the seed.
func expectNarrowWatch(asked permission) {
	GinkgoHelper()
	if asked.group != "" || asked.resource != "secrets" || asked.name == seedsecret.Name {
		return
	}
	Expect(asked.verb).NotTo(Equal("watch"), "%s", asked)
	Expect(asked.namespace).NotTo(BeEmpty(), "%s", asked)
}

// grants are the permissions that the chart gives to the extension.
func grants(ctx context.Context) []permission {
	GinkgoHelper()
	cluster, role := &rbacv1.ClusterRole{}, &rbacv1.Role{}
	Expect(admin.Get(ctx, client.ObjectKey{Name: "extensions.gardener.cloud:" + extensionName}, cluster)).To(Succeed())
	Expect(admin.Get(ctx, client.ObjectKey{Namespace: landscape.ExtensionNamespace, Name: extensionName}, role)).To(Succeed())
	return slices.Concat(expand("", cluster.Rules), expand(landscape.ExtensionNamespace, role.Rules))
}

func expand(namespace string, rules []rbacv1.PolicyRule) []permission {
	GinkgoHelper()
	var all []permission
	for _, rule := range rules {
		Expect(rule.NonResourceURLs).To(BeEmpty())
		for _, list := range [][]string{rule.APIGroups, rule.Resources, rule.Verbs} {
			Expect(list).NotTo(ContainElement("*"), "%s", rule.String())
		}
		names := rule.ResourceNames
		if len(names) == 0 {
			names = []string{""}
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, name := range names {
					for _, verb := range rule.Verbs {
						all = append(all, permission{namespace, group, resource, name, verb})
					}
				}
			}
		}
	}
	return all
}

// narrowest is the permission that allows a request and as little else as possible.
func narrowest(granted []permission, want permission) (permission, bool) {
	var found []permission
	for _, p := range granted {
		if p.group == want.group && p.resource == want.resource && p.verb == want.verb &&
			(p.name == "" || p.name == want.name) && (p.namespace == "" || p.namespace == want.namespace) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return permission{}, false
	}
	return slices.MaxFunc(found, func(a, b permission) int {
		return cmp.Or(cmp.Compare(len(a.name), len(b.name)), cmp.Compare(len(a.namespace), len(b.namespace)))
	}), true
}
