// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package admission_test

import (
	"testing"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// TestAdmission starts the admission component, installed from its charts, beside a gardener-apiserver, which asks it about Shoots.
// Whatever a spec expects is looked for in what the API server has stored.
func TestAdmission(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Admission Suite")
}

const (
	namespace = "garden-demo"
	valid     = `"managementLIF":"10.10.0.7","dataLIFs":["10.11.0.7","10.12.0.7"]`
	nonsense  = `"managementLIF":"nonsense"`
	denied    = `admission webhook "validator.ontap-admission.extensions.gardener.cloud" denied the request: `
)

var (
	garden *landscape.Garden
	// older and dying are Shoots that were there before the component was, and are not valid.
	older, dying = shoot("older", nonsense), shoot("dying", nonsense)
)

var _ = BeforeSuite(func(ctx SpecContext) {
	var err error
	garden, err = landscape.StartGarden(ctx, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(garden.Close()).To(Succeed()) })
	Expect(garden.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})).To(Succeed())

	Expect(garden.Client.Create(ctx, older)).To(Succeed(), "nobody refuses it yet")
	Expect(garden.Client.Create(ctx, dying)).To(Succeed())
	Expect(garden.StartAdmission(ctx, map[string]any{"allowedCIDRs": map[string]any{"management": []any{"10.10.0.0/16", "fd00:10::/64"}}})).To(Succeed())
	Eventually(ctx, func() error {
		return garden.Client.Create(ctx, shoot("asked", nonsense), client.DryRunAll)
	}).WithTimeout(time.Minute).Should(MatchError(ContainSubstring(denied)), "until the API server has heard of the webhook")
})

// unused are the permissions of the charts that no spec uses, and why they are granted all the same.
var unused = map[landscape.Permission]string{
	{Namespace: "garden", Resource: "secrets", Verb: "delete"}: "a certificate is taken away a month after it was made, when there is another one",
	{Namespace: "garden", Resource: "events", Verb: "patch"}:   "an event that is told again within six minutes is counted by a patch",
}

// It is granted what it needs, no less and no more.
var _ = AfterSuite(func(ctx SpecContext) {
	config, _ := GinkgoConfiguration()
	if garden == nil || len(config.FocusStrings)+len(config.SkipStrings) > 0 {
		return // these need only some of it
	}
	const component = "gardener-extension-ontap-admission"
	rights, err := garden.Rights(ctx, component, "extensions.gardener.cloud:"+component, client.ObjectKey{Namespace: "garden", Name: component})
	Expect(err).NotTo(HaveOccurred())
	Expect(rights.Problems(unused)).To(BeEmpty())
})

// shoot returns a Shoot that Gardener takes, whose SVMConfig has the fields.
func shoot(name, fields string) *gardencorev1beta1.Shoot {
	raw := `{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1","kind":"SVMConfig",` + fields + `}`
	return &gardencorev1beta1.Shoot{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: gardencorev1beta1.ShootSpec{
			CloudProfile:           &gardencorev1beta1.CloudProfileReference{Kind: "CloudProfile", Name: "metal"},
			CredentialsBindingName: new("metal"),
			Region:                 "north",
			Kubernetes:             gardencorev1beta1.Kubernetes{Version: "1.34.1"},
			Networking: &gardencorev1beta1.Networking{
				Type: new("calico"), Pods: new("100.96.0.0/11"), Services: new("100.64.0.0/13"), Nodes: new("10.250.0.0/16"),
			},
			Provider: gardencorev1beta1.Provider{Type: "metal", Workers: []gardencorev1beta1.Worker{{
				Name: "storage", Minimum: 1, Maximum: 2, Machine: gardencorev1beta1.Machine{
					Type: "large", Image: &gardencorev1beta1.ShootMachineImage{Name: "gardenlinux", Version: new("1877.3.0")},
				},
			}}},
			Extensions: []gardencorev1beta1.Extension{{Type: "ontap", ProviderConfig: &runtime.RawExtension{Raw: []byte(raw)}}},
		},
	}
}
