// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
	"github.com/gardener-community/gardener-extension-ontap/test/monitoring"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const timeout = time.Minute

// site is a landscape with the clusters a and b, the second of which is held, and a Prometheus that scrapes the extension.
type site struct {
	*landscape.Landscape
	prometheus *prometheus
	alerts     map[string]string
}

func newSite(ctx context.Context) *site {
	GinkgoHelper()
	s := &site{alerts: map[string]string{}}
	var err error
	s.Landscape, err = landscape.Start(ctx, landscape.Options{Clusters: []string{"a", "b"}, Out: GinkgoWriter, Values: map[string]any{
		"repairInterval": "2s", "limits": map[string]any{"default": map[string]any{"capacity": "1Gi"}},
	}})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(s.Close()).To(Succeed()) })
	Expect(s.StopExtension(ctx)).To(Succeed())
	config := &corev1.ConfigMap{}
	Expect(s.Client.Get(ctx, client.ObjectKey{Namespace: landscape.ExtensionNamespace, Name: "gardener-extension-ontap-config"}, config)).To(Succeed())
	config.Data["config.yaml"] = strings.Replace(config.Data["config.yaml"], `- name: "b"`, "- name: \"b\"\n  hold: true", 1)
	Expect(config.Data["config.yaml"]).To(ContainSubstring("hold: true"))
	Expect(s.Client.Update(ctx, config)).To(Succeed())
	Expect(s.StartExtension(ctx)).To(Succeed())
	Expect(s.WaitExtensionReady(ctx)).To(Succeed())
	s.prometheus = startPrometheus(ctx, must(s.ExtensionMetricsURL()))
	for _, alert := range must(monitoring.Alerts()) {
		s.alerts[alert.Alert] = alert.Expr.String()
	}
	return s
}

// due are the alerts whose own expressions give something at this moment, however long that has to last before they fire.
func (s *site) due(ctx context.Context) ([]string, error) {
	var due []string
	for name, expression := range s.alerts {
		series, err := s.prometheus.query(ctx, expression)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(series) > 0 {
			due = append(due, name)
		}
	}
	slices.Sort(due)
	return due, nil
}

// become waits until exactly these alerts are due.
func (s *site) become(ctx context.Context, alerts ...string) {
	GinkgoHelper()
	Eventually(s.due).WithContext(ctx).WithTimeout(timeout).Should(ConsistOf(alerts))
}

func (s *site) perform(ctx context.Context, act simulator.Act) {
	GinkgoHelper()
	Expect(s.Simulator().Perform(ctx, "a", act)).To(Succeed())
}

// newShoot makes a shoot that sleeps, and so needs no API server of its own.
func (s *site) newShoot(ctx context.Context, name string) *landscape.Shoot {
	GinkgoHelper()
	shoot := must(s.NewShoot(ctx, name))
	shoot.ControlPlane = &landscape.ControlPlane{}
	Expect(shoot.Hibernate(ctx)).To(Succeed())
	return shoot
}

func svmOf(shoot *landscape.Shoot) string {
	return "s" + strings.ReplaceAll(string(shoot.UID), "-", "")
}

// forbid has the seed's API server refuse the seed secret of a shoot.
func (s *site) forbid(ctx context.Context, shoot *landscape.Shoot) {
	GinkgoHelper()
	writes := admissionregistrationv1.RuleWithOperations{
		Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
		Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"secrets"}},
	}
	name := metav1.ObjectMeta{Name: "forbid-seed-secrets"}
	Expect(s.Client.Create(ctx, &admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: name, Spec: admissionregistrationv1.ValidatingAdmissionPolicySpec{
		MatchConstraints: &admissionregistrationv1.MatchResources{
			ResourceRules:     []admissionregistrationv1.NamedRuleWithOperations{{RuleWithOperations: writes}},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: shoot.Namespace}},
		},
		Validations: []admissionregistrationv1.Validation{{Expression: fmt.Sprintf("object.metadata.name != %q", seedsecret.Name)}},
	}})).To(Succeed())
	Expect(s.Client.Create(ctx, &admissionregistrationv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: name, Spec: admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName: name.Name, ValidationActions: []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny},
		},
	})).To(Succeed())
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: shoot.Namespace, Name: seedsecret.Name}}
	Eventually(func() error { return s.Client.Create(ctx, secret.DeepCopy(), client.DryRunAll) }).WithContext(ctx).WithTimeout(timeout).ShouldNot(Succeed())
}

var _ = Describe("A Prometheus that scrapes the extension", func() {
	It("should find each trouble by the expression of its alert and no other, and have data for each panel", func(ctx SpecContext) {
		s := newSite(ctx)
		By("nothing but a cluster that is held")
		one := s.newShoot(ctx, "one")
		Expect(one.Reconcile(ctx)).To(Succeed())
		healthy := map[string]string{}
		for name := range s.alerts {
			healthy[name] = "ok"
		}
		Eventually(s.prometheus.rules).WithContext(ctx).WithTimeout(timeout).Should(Equal(healthy))
		Eventually(s.prometheus.query).WithContext(ctx).WithArguments("ontap_extension_svm_state == 1").WithTimeout(timeout).Should(
			ConsistOf(And(HaveKeyWithValue("shoot_namespace", one.Namespace), HaveKeyWithValue("cluster", "a"), HaveKeyWithValue("state", "running"))))
		s.become(ctx, "OntapClusterHeld")

		By("an SVM that is full and held, has a LIF that is down and a locked account, on an aggregate without room")
		secret := &corev1.Secret{}
		Expect(s.Client.Get(ctx, client.ObjectKey{Namespace: one.Namespace, Name: seedsecret.Name}, secret)).To(Succeed())
		svm := svmOf(one)
		due := []string{"OntapClusterHeld"}
		for _, trouble := range []struct {
			act   simulator.Act
			alert string
		}{
			{simulator.Act{Kind: simulator.DisableLIF, SVM: svm, Name: "datalif+0"}, "OntapLIFDown"},
			{simulator.Act{Kind: simulator.LockAccount, SVM: svm, Name: string(secret.Data["username"])}, "OntapAccountLocked"},
			{simulator.Act{Kind: simulator.AddVolume, SVM: svm, Name: "v"}, "OntapSVMNearlyFull"},
			{simulator.Act{Kind: simulator.SetAvailable, Name: "a_01_aggr1", Value: "1073741824"}, "OntapAggregateNearlyFull"},
			{simulator.Act{Kind: simulator.SetComment, SVM: svm, Value: s.comment(ctx, svm) + " hold"}, "OntapSVMHeld"},
		} {
			s.perform(ctx, trouble.act)
			due = append(due, trouble.alert)
		}
		Eventually(s.due).WithContext(ctx).WithTimeout(timeout).Should(ContainElements(due))

		By("one that is stopped, of which no LIF can be up, one whose shoot is gone, one that ONTAP does not finish")
		s.perform(ctx, simulator.Act{Kind: simulator.StopSVM, SVM: svm})
		Eventually(s.due).WithContext(ctx).WithTimeout(timeout).Should(And(ContainElement("OntapSVMNotRunning"), Not(ContainElement("OntapLIFDown"))))
		two := s.newShoot(ctx, "two")
		Expect(two.Reconcile(ctx)).To(Succeed())
		s.perform(ctx, simulator.Act{Kind: simulator.AddVolume, SVM: svmOf(two), Name: "v"})
		Expect(two.Destroy(ctx)).To(Succeed())
		Eventually(s.due).WithContext(ctx).WithTimeout(timeout).Should(ContainElement("OntapSVMParked"))
		Expect(s.Simulator().HoldJobs(ctx, "a", simulator.Running)).To(Succeed())
		Expect(s.newShoot(ctx, "three").Deploy(ctx)).To(Succeed())
		Eventually(s.due).WithContext(ctx).WithTimeout(timeout).Should(ContainElement("OntapSVMUnsettled"))

		By("a seed secret that cannot be written")
		four := s.newShoot(ctx, "four")
		s.forbid(ctx, four)
		Expect(four.Deploy(ctx)).To(Succeed())
		Eventually(s.due).WithContext(ctx).WithTimeout(timeout).Should(ContainElements("OntapSeedSecretNotWritten", "OntapStepStuck"))

		By("a cluster that does not answer, and one that refuses the credentials")
		Expect(s.Simulator().SetDown(ctx, "b")).To(Succeed())
		s.perform(ctx, simulator.Act{Kind: simulator.SetPassword, Value: "another"})
		Eventually(s.due).WithContext(ctx).WithTimeout(timeout).Should(ContainElements("OntapClusterUnreachable", "OntapCredentialsRejected"))
		Eventually(s.prometheus.query).WithContext(ctx).WithArguments(s.alerts["OntapClusterUnreachable"]).WithTimeout(timeout).Should(
			ConsistOf(HaveKeyWithValue("cluster", "b")), "who refuses the credentials answers")

		By("the dashboard")
		s.expectPanels(ctx)

		By("nobody who sweeps")
		Expect(s.StopExtension(ctx)).To(Succeed())
		Eventually(s.due).WithContext(ctx).WithTimeout(timeout).Should(ContainElement("OntapSweepStale"))
	})
})

// comment is what stands in the comment of an SVM.
func (s *site) comment(ctx context.Context, svm string) string {
	GinkgoHelper()
	for _, cluster := range must(s.Simulator().State(ctx)).Clusters {
		for _, one := range cluster.SVMs {
			if one.Name == svm {
				return one.Comment
			}
		}
	}
	Fail("there is no SVM " + svm)
	return ""
}

// expectPanels expects that each expression of the dashboard has given data at some time since the landscape was started.
func (s *site) expectPanels(ctx context.Context) {
	GinkgoHelper()
	for _, panel := range must(monitoring.Panels()) {
		for _, target := range panel.Targets {
			expression := fmt.Sprintf("count_over_time((%s)[10m:1s])", target.Expr)
			Expect(s.prometheus.query(ctx, expression)).NotTo(BeEmpty(), panel.Title+": "+target.Expr)
		}
	}
}
