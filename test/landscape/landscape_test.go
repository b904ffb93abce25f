// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape_test

import (
	"context"
	"os"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

var _ = Describe("Landscape", Ordered, func() {
	var l *landscape.Landscape

	BeforeAll(func(ctx SpecContext) {
		var err error
		l, err = landscape.Start(ctx, landscape.Options{
			Clusters: []string{"a", "b"}, Values: map[string]any{"repairInterval": "4s", "healthCheckSyncPeriod": "1s"}, Out: GinkgoWriter,
		})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { Expect(l.Close()).To(Succeed()) })
	})

	It("should be refused without an ONTAP cluster", func(ctx SpecContext) {
		_, err := landscape.Start(ctx, landscape.Options{})
		Expect(err).To(MatchError(ContainSubstring("no ONTAP clusters")))
	})

	It("should run with the rights of the chart only", func(ctx SpecContext) {
		c, err := client.New(l.ExtensionConfig, client.Options{Scheme: l.Client.Scheme()})
		Expect(err).NotTo(HaveOccurred())
		Expect(l.ExtensionConfig.CertData).To(BeEmpty())
		Expect(c.List(ctx, &extensionsv1alpha1.ExtensionList{})).To(Succeed())
		Expect(c.List(ctx, &corev1.NodeList{})).To(MatchError(apierrors.IsForbidden, "forbidden"))
		Expect(c.List(ctx, &corev1.ConfigMapList{})).To(MatchError(apierrors.IsForbidden, "forbidden"))
	})

	It("should listen on loopback ports only", func() {
		Expect(l.PIDs()).To(HaveLen(4))
		addresses := listeners(l.PIDs())
		Expect(len(addresses)).To(BeNumerically(">=", 6), "kube-apiserver, two clusters, controls, health, metrics")
		Expect(addresses).To(HaveEach(HavePrefix("127.0.0.1:")))
	})

	It("should give access to the simulated clusters", func(ctx SpecContext) {
		state, err := l.Simulator().State(ctx)
		Expect(err).NotTo(HaveOccurred())
		for _, name := range []string{"a", "b"} {
			endpoint, err := os.ReadFile(l.ClusterDirectory(name) + "/endpoint")
			Expect(err).NotTo(HaveOccurred())
			Expect(state.Cluster(name).Endpoint).To(Equal(string(endpoint)))
		}
	})

	It("should have a shoot that is in order healthy, with the rights of the chart", func(ctx SpecContext) {
		shoot, err := l.NewShoot(ctx, "healthy")
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Client.Create(ctx, landscape.PlayedKey(shoot.Namespace))).To(Succeed())
		healthy := func(conditionType gardencorev1beta1.ConditionType) types.GomegaMatcher {
			return ContainElement(And(HaveField("Type", conditionType), HaveField("Status", gardencorev1beta1.ConditionTrue)))
		}
		Expect(landscape.WhilePlayed(ctx, l.Client, 100*time.Millisecond, func() error {
			Expect(shoot.Reconcile(ctx)).To(Succeed())
			Eventually(func(ctx context.Context) ([]gardencorev1beta1.Condition, error) {
				extension, err := shoot.Extension(ctx)
				return extension.Status.Conditions, err
			}).WithContext(ctx).WithTimeout(20 * time.Second).Should(And(healthy("ControlPlaneHealthy"), healthy("SystemComponentsHealthy")))
			lease := &coordinationv1.Lease{}
			Expect(l.Client.Get(ctx, client.ObjectKey{Namespace: landscape.ExtensionNamespace, Name: "gardener-extension-heartbeat"}, lease)).To(Succeed())
			Expect(shoot.Destroy(ctx)).To(Succeed())
			Expect(shoot.WaitCleanup(ctx)).To(Succeed())
			return shoot.Remove(ctx)
		})).To(Succeed())
	})

	It("should kill, stop and restart the extension and keep one log", func(ctx SpecContext) {
		before := l.PIDs()
		Expect(l.StartExtension(ctx)).To(MatchError(ContainSubstring("running already")))
		Expect(l.KillExtension(ctx)).To(Succeed())
		Expect(l.KillExtension(ctx)).To(MatchError(ContainSubstring("not running")))
		Expect(l.WaitExtensionReady(ctx)).To(MatchError(ContainSubstring("not running")))
		killed := sets.New(before...).Difference(sets.New(l.PIDs()...)).UnsortedList()
		Expect(killed).To(ConsistOf(Satisfy(gone)))
		first, err := os.ReadFile(l.ExtensionLog())
		Expect(err).NotTo(HaveOccurred())

		Expect(l.StartExtension(ctx)).To(Succeed())
		Expect(l.WaitExtensionReady(ctx)).To(Succeed())
		Expect(l.StopExtension(ctx)).To(Succeed())
		Expect(l.StartExtension(ctx)).To(Succeed())
		Expect(l.WaitExtensionReady(ctx)).To(Succeed())

		Expect(os.ReadFile(l.ExtensionLog())).To(And(HavePrefix(string(first)), Not(HaveLen(len(first)))))
	})

	DescribeTable("should refuse to run what it does not understand", func(ctx SpecContext, change func(*corev1.PodSpec), message string) {
		key := client.ObjectKey{Namespace: landscape.ExtensionNamespace, Name: "gardener-extension-ontap"}
		var deployment appsv1.Deployment
		Expect(l.Client.Get(ctx, key, &deployment)).To(Succeed())
		original := deployment.DeepCopy()
		change(&deployment.Spec.Template.Spec)
		Expect(l.Client.Update(ctx, &deployment)).To(Succeed())
		Expect(l.StopExtension(ctx)).To(Succeed())
		DeferCleanup(func(ctx SpecContext) {
			original.ResourceVersion = ""
			Expect(l.Client.Update(ctx, original)).To(Succeed())
			Expect(l.StartExtension(ctx)).To(Succeed())
		})

		Expect(l.StartExtension(ctx)).To(MatchError(ContainSubstring(message)))
	},
		Entry("a second container", func(pod *corev1.PodSpec) {
			pod.Containers = append(pod.Containers, corev1.Container{Name: "second", Image: "second"})
		}, "one container"),
		Entry("a volume of another kind", func(pod *corev1.PodSpec) {
			pod.Volumes[0].VolumeSource = corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}
		}, "ConfigMaps and Secrets"),
		Entry("a variable from elsewhere", func(pod *corev1.PodSpec) {
			pod.Containers[0].Env[0].ValueFrom.FieldRef.FieldPath = "metadata.name"
		}, "metadata.namespace"),
		Entry("an address with a port that the container does not declare", func(pod *corev1.PodSpec) {
			pod.Containers[0].Args = append(pod.Containers[0].Args, "--other-bind-address=:1234")
		}, "port 1234"),
		Entry("a probe of a port that the container does not declare", func(pod *corev1.PodSpec) {
			pod.Containers[0].ReadinessProbe.HTTPGet.Port = intstr.FromInt32(1234)
		}, "port 1234"),
	)

	It("should not accept an extension that may do more or is somebody else", func(ctx SpecContext) {
		const user = "system:serviceaccount:extension-ontap:gardener-extension-ontap"
		Expect(l.VerifyIdentity(ctx, user)).To(Succeed())
		Expect(l.VerifyIdentity(ctx, "somebody")).To(MatchError(ContainSubstring(`instead of "somebody"`)))

		binding := &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "too-much"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
		}
		Expect(l.Client.Create(ctx, binding)).To(Succeed())
		DeferCleanup(func(ctx SpecContext) { Expect(l.Client.Delete(ctx, binding)).To(Succeed()) })
		Eventually(l.VerifyIdentity).WithContext(ctx).WithArguments(user).WithTimeout(10 * time.Second).
			Should(MatchError(ContainSubstring("not to be permitted to list the ConfigMaps of kube-system")))
	})
})
