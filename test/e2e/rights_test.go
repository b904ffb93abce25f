// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

const extensionName = "gardener-extension-ontap"

// unused are the permissions of the chart that no spec of this suite uses, and why it grants them all the same.
var unused = map[landscape.Permission]string{
	{Group: "extensions.gardener.cloud", Resource: "clusters", Verb: "list"}:     noStream,
	{Group: "extensions.gardener.cloud", Resource: "extensions", Verb: "list"}:   noStream,
	{Resource: "namespaces", Verb: "list"}:                                       noStream,
	{Resource: "secrets", Name: seedsecret.Name, Verb: "list"}:                   noStream,
	{Group: "events.k8s.io", Resource: "events", Verb: "patch"}:                  repeated,
	{Namespace: landscape.ExtensionNamespace, Resource: "events", Verb: "patch"}: repeated,
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
	rights, err := seed.Rights(ctx, extensionName, "extensions.gardener.cloud:"+extensionName,
		client.ObjectKey{Namespace: landscape.ExtensionNamespace, Name: extensionName})
	Expect(err).NotTo(HaveOccurred())
	Expect(rights.Problems(unused)).To(BeEmpty())
	for _, asked := range rights.Asked {
		expectNarrowWatch(asked.Permission)
	}
}

// expectNarrowWatch sees that no Secret of others is kept: only those of the one name are watched, and no list goes over the seed.
func expectNarrowWatch(asked landscape.Permission) {
	GinkgoHelper()
	if asked.Group != "" || asked.Resource != "secrets" || asked.Name == seedsecret.Name {
		return
	}
	Expect(asked.Verb).NotTo(Equal("watch"), "%s", asked)
	Expect(asked.Namespace).NotTo(BeEmpty(), "%s", asked)
}
