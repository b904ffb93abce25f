// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Permission is one thing that somebody may do, everywhere where the namespace is empty and to all objects where the name is.
type Permission struct{ Namespace, Group, Resource, Name, Verb string }

// String is how people say it.
func (p Permission) String() string {
	return fmt.Sprintf("%s %s.%s %s in %s", p.Verb, p.Resource, cmp.Or(p.Group, "core"), cmp.Or(p.Name, "*"), cmp.Or(p.Namespace, "*"))
}

// Rights are what a program may do, beside what it has asked for.
type Rights struct {
	Granted []Permission
	// Asked has the names of objects, and no content.
	Asked []Request
}

// Request is what was asked for once, and whether it was refused.
type Request struct {
	Permission

	Refused bool
}

// Rights returns what a ClusterRole and a Role grant, and what the program that has both has asked for until now. The API server has
// to be audited. A role that grants anything by an asterisk is an error.
func (s *Seed) Rights(ctx context.Context, program, clusterRole string, role client.ObjectKey) (rights Rights, err error) {
	everywhere, here := &rbacv1.ClusterRole{}, &rbacv1.Role{}
	if err := s.Client.Get(ctx, client.ObjectKey{Name: clusterRole}, everywhere); err != nil {
		return rights, err
	}
	if err := s.Client.Get(ctx, role, here); err != nil {
		return rights, err
	}
	for namespace, rules := range map[string][]rbacv1.PolicyRule{"": everywhere.Rules, role.Namespace: here.Rules} {
		for _, rule := range rules {
			granted := permissions(namespace, rule)
			if len(rule.NonResourceURLs) > 0 || slices.ContainsFunc(granted, Permission.unbounded) {
				return rights, fmt.Errorf("a rule grants too much: %s", rule.String())
			}
			rights.Granted = append(rights.Granted, granted...)
		}
	}
	events, err := s.asked(program)
	for _, event := range events {
		if event.ObjectRef != nil { // else it is about what a server serves, and whether it is ready
			rights.Asked = append(rights.Asked, request(event))
		}
	}
	return rights, err
}

func (p Permission) unbounded() bool {
	return slices.Contains([]string{p.Group, p.Resource, p.Verb}, "*")
}

func permissions(namespace string, rule rbacv1.PolicyRule) (all []Permission) {
	names := rule.ResourceNames
	if len(names) == 0 {
		names = []string{""}
	}
	for _, group := range rule.APIGroups {
		for _, resource := range rule.Resources {
			for _, name := range names {
				for _, verb := range rule.Verbs {
					all = append(all, Permission{namespace, group, resource, name, verb})
				}
			}
		}
	}
	return all
}

func request(event auditv1.Event) Request {
	about := event.ObjectRef
	asked := Request{Permission: Permission{about.Namespace, about.APIGroup, about.Resource, about.Name, event.Verb}}
	if about.Subresource != "" {
		asked.Resource += "/" + about.Subresource
	}
	asked.Refused = event.Annotations["authorization.k8s.io/decision"] == "forbid"
	return asked
}

// Problems are sentences: what was refused, what is granted and was never used, and what is not as the excuses say, which give a
// reason for each permission that nobody needs to have used.
func (r Rights) Problems(excused map[Permission]string) (problems []string) {
	used := map[Permission]bool{}
	for _, asked := range r.Asked {
		if asked.Refused {
			problems = append(problems, "refused: "+asked.String())
		}
		if by, ok := r.narrowest(asked.Permission); ok {
			used[by] = true
		}
	}
	if len(used) == 0 {
		problems = append(problems, "nothing was asked for")
	}
	for _, p := range r.Granted {
		if !used[p] && excused[p] == "" {
			problems = append(problems, "granted and never used: "+p.String())
		}
	}
	for p, reason := range excused {
		if used[p] || !slices.Contains(r.Granted, p) {
			problems = append(problems, fmt.Sprintf("used, or not granted, but excused since %s: %s", reason, p))
		}
	}
	return problems
}

// narrowest is the permission that allows a request and as little else as possible.
func (r Rights) narrowest(want Permission) (Permission, bool) {
	var found []Permission
	for _, p := range r.Granted {
		if p.Group == want.Group && p.Resource == want.Resource && p.Verb == want.Verb &&
			(p.Name == "" || p.Name == want.Name) && (p.Namespace == "" || p.Namespace == want.Namespace) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return Permission{}, false
	}
	return slices.MaxFunc(found, func(a, b Permission) int {
		return cmp.Or(cmp.Compare(len(a.Name), len(b.Name)), cmp.Compare(len(a.Namespace), len(b.Namespace)))
	}), true
}
