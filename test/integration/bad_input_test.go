// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"encoding/json"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// effects are everything that requests have changed on ONTAP since an entry of the journal.
func (w *world) effects(ctx context.Context, seq uint64) []simulator.Effect {
	GinkgoHelper()
	entries, _ := w.since(ctx, seq)
	var all []simulator.Effect
	for _, entry := range entries {
		all = append(all, entry.Effects...)
	}
	return all
}

// edit returns a change of the smallest providerConfig.
type edit func(map[string]any)

func set(path string, value any) edit {
	return func(config map[string]any) { config[path] = value }
}

func without(path string) edit {
	return func(config map[string]any) { delete(config, path) }
}

// badInputs are providerConfigs in which something is wrong that can be seen without ONTAP: what, and the field that the
// error names.
func badInputs() []any {
	lifs := func(addresses ...string) edit { return set("dataLIFs", addresses) }
	limit := func(name string, value any) edit { return set("limits", map[string]any{name: value}) }
	class := func(name string, value any) edit {
		return set("storageClasses", []map[string]any{{"name": "a"}, {"name": "b", name: value}})
	}
	return []any{
		Entry("no management LIF", without("managementLIF"), "spec.providerConfig.managementLIF"),
		Entry("a malformed management LIF", set("managementLIF", "10.10.0"), "spec.providerConfig.managementLIF"),
		Entry("a number for the management LIF", set("managementLIF", 10), "managementLIF"),
		Entry("no data LIFs", without("dataLIFs"), "spec.providerConfig.dataLIFs"),
		Entry("empty data LIFs", lifs(), "spec.providerConfig.dataLIFs"),
		Entry("a data LIF twice", lifs("10.11.0.9", "10.11.0.9"), "spec.providerConfig.dataLIFs[1]"),
		Entry("a data LIF twice, in two spellings", lifs("fd00:11::1", "fd00:0011:0::1"), "spec.providerConfig.dataLIFs[1]"),
		Entry("a malformed data LIF", lifs("10.11.0.9", "10.12.0.x"), "spec.providerConfig.dataLIFs[1]"),
		Entry("an IPv4 address in IPv6's clothes", lifs("10.11.0.9", "::ffff:10.12.0.9"), "spec.providerConfig.dataLIFs[1]"),
		Entry("one data LIF", lifs("10.11.0.9"), "spec.providerConfig.dataLIFs"),
		Entry("three data LIFs", lifs("10.11.0.7", "10.12.0.8", "10.11.0.9"), "spec.providerConfig.dataLIFs"),
		Entry("the management address among them", lifs("10.11.0.9", "10.10.0.1"), "spec.providerConfig.dataLIFs[1]"),
		Entry("a data LIF outside the allowed ranges", lifs("10.11.0.9", "10.99.0.9"), "spec.providerConfig.dataLIFs[1]"),
		Entry("an IPv6 data LIF outside the allowed ranges", lifs("fd00:11::9", "fd00:99::9"), "spec.providerConfig.dataLIFs[1]"),
		Entry("a management LIF outside the allowed ranges", set("managementLIF", "10.99.0.1"), "spec.providerConfig.managementLIF"),
		Entry("an unknown field", set("size", "large"), `unknown field "size"`),
		Entry("an unknown protocol", set("protocol", "FCP"), "spec.providerConfig.protocol"),
		Entry("a capacity that is no quantity", limit("capacity", "much"), "spec.providerConfig.limits.capacity"),
		Entry("a negative capacity", limit("capacity", "-1Gi"), "spec.providerConfig.limits.capacity"),
		Entry("a capacity above the maximum", limit("capacity", "3Ti"), "spec.providerConfig.limits.capacity"),
		Entry("more volumes than the maximum", limit("volumes", 201), "spec.providerConfig.limits.volumes"),
		Entry("more operations than the maximum", limit("iops", 10001), "spec.providerConfig.limits.iops"),
		Entry("more throughput than the maximum", limit("mbps", 501), "spec.providerConfig.limits.mbps"),
		Entry("another kind", set("kind", "SVMStatus"), "SVMStatus"),
		Entry("another group", set("apiVersion", "storage.example.org/v1"), "storage.example.org/v1"),
		Entry("LUKS on NFS", func(config map[string]any) {
			config["protocol"], config["storageClasses"] = "NFS", []map[string]any{{"name": "a"}, {"name": "b", "encrypted": true}}
		}, "spec.providerConfig.storageClasses[1].encrypted"),
		Entry("a snapshot class that is no object", set("snapshotClass", true), "spec.providerConfig"),
		Entry("storage classes of one name", set("storageClasses", []map[string]any{{"name": "a"}, {"name": "a"}}), "spec.providerConfig.storageClasses[1].name"),
		Entry("two default classes", set("storageClasses", []map[string]any{{"name": "a", "default": true}, {"name": "b", "default": true}}),
			"spec.providerConfig.storageClasses[1].default"),
		Entry("a parameter of a storage class that nobody knows", class("media", "ssd"), `unknown field "storageClasses[1].media"`),
		Entry("a file system that is not offered", class("fileSystem", "btrfs"), `storageClasses[1].fileSystem: Unsupported value: "btrfs": supported values: "ext4", "xfs"`),
		Entry("a reclaim policy of old", class("reclaimPolicy", "Recycle"), "spec.providerConfig.storageClasses[1].reclaimPolicy"),
		Entry("a binding mode that there is not", class("volumeBindingMode", "Later"), "spec.providerConfig.storageClasses[1].volumeBindingMode"),
		Entry("mount options in one string", class("mountOptions", []string{"noatime,nodev"}), "spec.providerConfig.storageClasses[1].mountOptions[0]"),
		Entry("a QoS policy beside limits", class("qosPolicy", "gold"), "spec.providerConfig.storageClasses[1].qosPolicy"),
		Entry("no providerConfig", nil, "spec.providerConfig"),
	}
}

func withMaximum(config *configv1alpha1.ControllerConfiguration) {
	config.Limits.Maximum = ontapv1alpha1.Limits{Capacity: "2Ti", Volumes: 200, IOPS: 10000, MBps: 500}
}

// misconfigure writes the smallest providerConfig with a change.
func (s *shoot) misconfigure(ctx context.Context, change edit) {
	GinkgoHelper()
	extension := s.extension(ctx)
	extension.Spec.ProviderConfig = nil
	if change != nil {
		config := map[string]any{}
		Expect(json.Unmarshal(raw(s.providerConfig()).Raw, &config)).To(Succeed())
		change(config)
		extension.Spec.ProviderConfig = &runtime.RawExtension{Raw: raw(config).Raw}
	}
	Expect(s.seed.Update(ctx, extension)).To(Succeed())
}

var _ = Describe("Bad input", func() {
	DescribeTable("that is seen without ONTAP should be refused by name before anything is made or changed", append([]any{
		func(ctx SpecContext, change edit, field string) {
			w := newWorld("a", "b")
			w.reconfigure(withMaximum)
			old, fresh := w.newShoot(ctx, 1), w.newShoot(ctx, 2)
			Expect(old.reconcile(ctx)).To(Succeed())
			secret, state := old.secret(ctx), old.state(ctx)
			_, seq := w.since(ctx, 0)
			for _, s := range []*shoot{fresh, old} {
				s.misconfigure(ctx, change)
				Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring(field)))
				Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorConfigurationProblem))
			}
			entries, _ := w.since(ctx, seq)
			Expect(entries).To(BeEmpty(), "the journal")
			Expect(old.secret(ctx)).To(Equal(secret))
			Expect(old.state(ctx)).To(Equal(state))
			Expect(fresh.secretNames(ctx)).To(BeEmpty())
			for _, s := range []*shoot{fresh, old} {
				Expect(s.delete(ctx)).To(Succeed())
				s.expectGone(ctx)
			}
		},
	}, badInputs()...)...)

	Describe("that is seen on ONTAP", func() {
		expectUnsuited := func(ctx context.Context, w *world, s *shoot, seq uint64, conditionType, reason string, message string) {
			GinkgoHelper()
			Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring(message)))
			Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorRetryableConfigurationProblem))
			Expect(s.condition(ctx, conditionType)).To(Equal("False " + reason))
			Expect(w.effects(ctx, seq)).To(BeEmpty())
			Expect(s.delete(ctx)).To(Succeed())
			s.expectGone(ctx)
		}

		DescribeTable("should be an address of somebody else", func(ctx SpecContext, address string) {
			w := newWorld("a")
			Expect(w.sim.AddSVMs(ctx, "a", 1)).To(Succeed())
			Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.AddLIF, SVM: "foreign-0001", Name: "theirs", Value: address})).To(Succeed())
			_, seq := w.since(ctx, 0)
			expectUnsuited(ctx, w, w.newShoot(ctx, 1), seq, "NetworkReady", "AddressTaken", "address "+address+" belongs to LIF theirs of SVM foreign-0001")
		},
			Entry("for the management LIF", "10.10.0.1"),
			Entry("for a data LIF", "10.12.0.1"),
		)

		It("should be a protocol without a licence", func(ctx SpecContext) {
			w := newWorldWith(func(o *simulator.Options) { o.Clusters[0].Unlicensed = []string{"nvme"} }, "a")
			_, seq := w.since(ctx, 0)
			expectUnsuited(ctx, w, w.newShoot(ctx, 1), seq, "SVMReady", "ProtocolUnlicensed", "no licence for NVMe")
		})

		It("should be more data LIFs than the nodes take", func(ctx SpecContext) {
			w := newWorldWith(func(o *simulator.Options) { o.Clusters[0].Nodes = 2 }, "a")
			s := w.newShoot(ctx, 1)
			config := s.providerConfig()
			config.DataLIFs = []string{"10.11.0.1", "10.12.0.1", "10.11.0.2", "10.12.0.2", "10.11.0.3", "10.12.0.3"}
			s.configure(ctx, config)
			_, seq := w.since(ctx, 0)
			expectUnsuited(ctx, w, s, seq, "SVMReady", "TooManyDataLIFs", "6 data LIFs")
		})
	})

	Describe("of the operator or of ONTAP itself", func() {
		DescribeTable("should be a certificate that cannot be trusted", func(ctx SpecContext, flaw, message string) {
			w := newWorldWith(func(o *simulator.Options) { o.Clusters[0].Certificate = flaw }, "a")
			s := w.newShoot(ctx, 1)
			Expect(s.reconcile(ctx)).To(MatchError(And(ContainSubstring("certificate is not trusted"), ContainSubstring(message))))
			Expect(s.condition(ctx, "SVMReady")).To(Equal("False AccessDenied"))
			Expect(s.extension(ctx).Status.LastError.Codes).To(BeEmpty())
			entries, _ := w.since(ctx, 0)
			Expect(entries).To(BeEmpty(), "nobody was told the credentials")
			Expect(s.delete(ctx)).To(Succeed(), "the seed secret proves that nothing was begun")
			s.expectGone(ctx)
		},
			Entry("because it has expired", "expired", "expired"),
			Entry("because nobody vouches for it", "untrusted", "unknown authority"),
		)

		DescribeTable("should be a right that is missing", func(ctx SpecContext, unauthorized bool) {
			w := newWorldWith(func(o *simulator.Options) {
				o.DeniedAsUnauthorized, o.Clusters[0].Denied = unauthorized, []string{"GET /cluster/nodes"}
			}, "a")
			s := w.newShoot(ctx, 1)
			Expect(s.reconcile(ctx)).To(MatchError(And(ContainSubstring("lacks a right"), ContainSubstring("GET /cluster/nodes"))))
			Expect(s.condition(ctx, "SVMReady")).To(Equal("False AccessDenied"))
			Expect(s.extension(ctx).Status.LastError.Codes).To(BeEmpty())
			Expect(w.effects(ctx, 0)).To(BeEmpty())
			Expect(s.delete(ctx)).To(Succeed())
			s.expectGone(ctx)
		},
			Entry("as 6 with 403", false),
			Entry("as 6691623 with 400", true),
		)

		DescribeTable("should be an answer that is none", func(ctx SpecContext, kind simulator.FaultKind) {
			w := newWorld("a")
			s := w.newShoot(ctx, 1)
			Expect(w.sim.FailNext(ctx, simulator.Fault{Method: "GET", Path: "/svm/svms", Kind: kind})).To(Succeed())
			bounded, cancel := context.WithTimeout(ctx, impatience)
			defer cancel()
			Expect(s.annotate(ctx, "reconcile")).To(Succeed())
			Expect(s.run(bounded)).NotTo(Succeed())
			if kind != simulator.AnswerEndless { // whose time is the reconciler's own, too
				Expect(s.condition(ctx, "SVMReady")).To(Equal("Unknown Unreachable"))
				Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorRetryableInfraDependencies))
			}
			Expect(w.effects(ctx, 0)).To(BeEmpty())
			Expect(s.delete(ctx)).To(Succeed())
			s.expectGone(ctx)
		},
			Entry("but HTML", simulator.AnswerHTML),
			Entry("but half of one", simulator.AnswerTruncated),
			Entry("but ten megabytes", simulator.AnswerHuge),
			Entry("because it never ends", simulator.AnswerEndless),
		)
	})

	It("should not lock the cluster account out with credentials that are wrong, and take the right ones at once", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(simulator.WriteFile(w.config.Clusters[0].CredentialsDirectory+"/password", []byte("wrong"))).To(Succeed())
		for range 20 {
			Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring("login")))
		}
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False AccessDenied"))
		entries, _ := w.since(ctx, 0)
		Expect(len(entries)).To(BeNumerically("<", 5), "five failures lock the account")
		Expect(w.sim.Cluster("a").WriteCredentials(w.config.Clusters[0].CredentialsDirectory)).To(Succeed())
		Expect(s.reconcile(ctx)).To(Succeed())
	})

	It("should not keep a shoot that ONTAP never knew because ONTAP cannot be asked, but one that it may know", func(ctx SpecContext) {
		w := newWorld("a")
		begun, fresh := w.newShoot(ctx, 1), w.newShoot(ctx, 2)
		Expect(begun.reconcile(ctx)).To(Succeed())
		Expect(w.sim.SetDown(ctx, "a")).To(Succeed())
		Expect(fresh.reconcile(ctx)).NotTo(Succeed())
		Expect(fresh.delete(ctx)).To(Succeed())
		fresh.expectGone(ctx)
		begun.editStatus(ctx, func(status *ontapv1alpha1.SVMStatus) { *status = ontapv1alpha1.SVMStatus{TypeMeta: status.TypeMeta} })
		Expect(begun.delete(ctx)).NotTo(Succeed(), "the seed secret knows the cluster")
	})

	It("should go on with rotated cluster credentials without a restart", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.SetPassword, Value: "Rotated-password-2"})).To(Succeed())
		Expect(w.sim.Cluster("a").WriteCredentials(w.config.Clusters[0].CredentialsDirectory)).To(Succeed())
		Expect(s.reconcile(ctx)).To(Succeed())
	})
})
