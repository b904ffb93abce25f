// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// shootSecret is what Trident logs in with, in the shoot.
func shootSecret(ctx context.Context, shoot *landscape.Shoot) *corev1.Secret {
	GinkgoHelper()
	secret := &corev1.Secret{}
	Expect(shoot.Inside(ctx, "kube-system", trident.CredentialsName, secret)).To(Succeed())
	return secret
}

// condition is a condition of the shoot's Extension as "Status Reason".
func condition(ctx context.Context, shoot *landscape.Shoot, conditionType gardencorev1beta1.ConditionType) string {
	GinkgoHelper()
	extension, err := shoot.Extension(ctx)
	Expect(err).NotTo(HaveOccurred())
	found := v1beta1helper.GetCondition(extension.Status.Conditions, conditionType)
	if found == nil {
		return "absent"
	}
	return string(found.Status) + " " + found.Reason
}

func configure(shoot *landscape.Shoot, change func(*ontapv1alpha1.SVMConfig)) {
	GinkgoHelper()
	config := &ontapv1alpha1.SVMConfig{}
	Expect(json.Unmarshal(shoot.ProviderConfig.Raw, config)).To(Succeed())
	change(config)
	content, err := json.Marshal(config)
	Expect(err).NotTo(HaveOccurred())
	shoot.ProviderConfig = &runtime.RawExtension{Raw: content}
}

var _ = Describe("The shoot's side, with a kube-apiserver and gardener-resource-manager", Ordered, func() {
	var (
		shoot   *landscape.Shoot
		svmUUID string
	)

	It("should be what the shoot needs after a create, with an API wanted that the shoot does not have", func(ctx SpecContext) {
		shoot = startShoot(ctx, "side")
		configure(shoot, func(config *ontapv1alpha1.SVMConfig) {
			config.SnapshotClass = &ontapv1alpha1.SnapshotClass{Enabled: true}
		})
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		Expect(condition(ctx, shoot, "ShootResourcesReady")).To(Equal("False BackendNotBound"))
		secret := seedSecret(ctx, shoot)
		Expect(shootSecret(ctx, shoot).Data).To(Equal(map[string][]byte{"username": secret.Data["username"], "password": secret.Data["password"]}))
		for _, name := range []string{"ontap-gold", "ontap-encrypted"} {
			Expect(shoot.Inside(ctx, "", name, &storagev1.StorageClass{})).To(Succeed())
		}
		Expect(shoot.BindBackend(ctx)).To(Succeed())
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		Expect(condition(ctx, shoot, "ShootResourcesReady")).To(Equal("True Ready"))
		_, svm := svmOf(ctx, shoot)
		svmUUID = svm.UUID

		By("seeing that Trident is there, as Kubernetes takes it")
		deployment, set := &appsv1.Deployment{}, &appsv1.DaemonSet{}
		Expect(shoot.Inside(ctx, "kube-system", "trident-controller", deployment)).To(Succeed())
		Expect(shoot.Inside(ctx, "kube-system", "trident-node-linux", set)).To(Succeed())
		Expect(shoot.Inside(ctx, "", "csi.trident.netapp.io", &storagev1.CSIDriver{})).To(Succeed())
		for _, labels := range []map[string]string{deployment.Labels, deployment.Spec.Template.Labels, set.Labels, set.Spec.Template.Labels} {
			Expect(labels).To(HaveKeyWithValue("shoot.gardener.cloud/no-cleanup", "true"))
		}

		By("seeing that Trident's API is served, every kind of it")
		crds := &apiextensionsv1.CustomResourceDefinitionList{}
		Expect(shoot.ControlPlane.Client.List(ctx, crds)).To(Succeed())
		Expect(crds.Items).To(HaveLen(21))
		for _, crd := range crds.Items {
			Expect(crd.Status.Conditions).To(ConsistOf(
				And(HaveField("Type", apiextensionsv1.NamesAccepted), HaveField("Status", apiextensionsv1.ConditionTrue)),
				And(HaveField("Type", apiextensionsv1.Established), HaveField("Status", apiextensionsv1.ConditionTrue)),
			), crd.Name)
		}

		By("seeing that the APIs are missing indeed")
		server, err := discovery.NewDiscoveryClientForConfig(shoot.ControlPlane.RESTConfig)
		Expect(err).NotTo(HaveOccurred())
		groups, err := server.ServerGroups()
		Expect(err).NotTo(HaveOccurred())
		for _, missing := range []string{"snapshot.storage.k8s.io", "autoscaling.k8s.io", "metal-stack.io"} {
			Expect(groups.Groups).NotTo(ContainElement(HaveField("Name", missing)))
		}
		snapshots := &resourcesv1alpha1.ManagedResource{}
		Expect(admin.Get(ctx, client.ObjectKey{Namespace: shoot.Namespace, Name: trident.Snapshots}, snapshots)).To(Succeed())
	})

	It("should make Trident look again for the LIFs when one has moved", func(ctx SpecContext) {
		before := shootSecret(ctx, shoot)
		configure(shoot, func(config *ontapv1alpha1.SVMConfig) { config.DataLIFs[1] = "10.12.99.1" })
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		after := shootSecret(ctx, shoot)
		Expect(after.UID).To(Equal(before.UID))
		Expect(after.Annotations).NotTo(Equal(before.Annotations))
		Expect(after.Data).To(Equal(before.Data))
		_, svm := svmOf(ctx, shoot)
		Expect(svm.LIFs).To(ContainElement(HaveField("Address", "10.12.99.1")))
	})

	It("should replace a storage class that its owner wants otherwise, since none can be changed", func(ctx SpecContext) {
		before := &storagev1.StorageClass{}
		Expect(shoot.Inside(ctx, "", "ontap-gold", before)).To(Succeed())
		configure(shoot, func(config *ontapv1alpha1.SVMConfig) {
			config.StorageClasses = []ontapv1alpha1.StorageClass{{Name: "ontap-gold", Encrypted: true}}
		})
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		after := &storagev1.StorageClass{}
		Expect(shoot.Inside(ctx, "", "ontap-gold", after)).To(Succeed())
		Expect(after.UID).NotTo(Equal(before.UID))
		Expect(after.Parameters).To(HaveKeyWithValue("selector", "luks=true"))
		Expect(shoot.Inside(ctx, "", "ontap-encrypted", after)).To(MatchError(apierrors.IsNotFound, "not found"))
	})

	It("should hold up nothing while the shoot hibernates, and catch up when it wakes", func(ctx SpecContext) {
		asleep := shootSecret(ctx, shoot).Data["username"]
		Expect(shoot.Hibernate(ctx)).To(Succeed())
		Expect(admin.Delete(ctx, seedSecret(ctx, shoot))).To(Succeed())
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		Expect(condition(ctx, shoot, "ShootResourcesReady")).To(Equal("Unknown Hibernated"))
		Expect(condition(ctx, shoot, "CredentialsReady")).To(Equal("Progressing AccountsRetained"))

		Expect(shoot.WakeUp(ctx)).To(Succeed())
		Eventually(func(ctx context.Context) []byte { return shootSecret(ctx, shoot).Data["username"] }).WithContext(ctx).WithTimeout(timeout).
			ShouldNot(Equal(asleep))
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		Expect(shootSecret(ctx, shoot).Data["username"]).To(Equal(seedSecret(ctx, shoot).Data["username"]))
		Expect(condition(ctx, shoot, "ShootResourcesReady")).To(Equal("True Ready"))
		Expect(condition(ctx, shoot, "CredentialsReady")).To(Equal("True Ready"))
	})

	It("should not be taken out of a living shoot that has a volume of the driver, and go in order when it has none", func(ctx SpecContext) {
		volume := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "pv-1"}, Spec: corev1.PersistentVolumeSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}, Capacity: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
			PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{Driver: "csi.trident.netapp.io", VolumeHandle: "v"}},
		}}
		Expect(shoot.ControlPlane.Client.Create(ctx, volume)).To(Succeed())
		Expect(shoot.RemoveExtension(ctx)).To(Succeed())
		Eventually(codesOf).WithContext(ctx).WithArguments(shoot).WithTimeout(timeout).Should(ConsistOf(gardencorev1beta1.ErrorCleanupClusterResources))
		Expect(svmCondition(ctx, shoot)).To(And(HavePrefix("False InUse"), ContainSubstring("PersistentVolume pv-1")))
		Expect(shootSecret(ctx, shoot).Data).To(HaveKey("password"))

		By("leaving behind what Trident makes when it starts, with a finalizer that nobody takes off any more")
		version := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "trident.netapp.io/v1", "kind": "TridentVersion", "trident_version": "26.06.0"}}
		version.SetNamespace("kube-system")
		version.SetName("trident")
		version.SetFinalizers([]string{"trident.netapp.io"})
		Expect(shoot.ControlPlane.Client.Create(ctx, version)).To(Succeed())

		gone := watchDeletions(ctx, shoot.Namespace)
		Expect(shoot.ControlPlane.Client.Delete(ctx, volume)).To(Succeed())
		By("playing kube-controller-manager, which lets go of volumes")
		Expect(shoot.ControlPlane.Client.Patch(ctx, volume, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))).To(Succeed())
		shoot.Timeout = 2 * time.Minute
		Expect(shoot.WaitCleanup(ctx)).To(Succeed())
		either := Or(Equal(trident.Snapshots), Equal(trident.Classes))
		Eventually(gone).WithTimeout(timeout).Should(HaveExactElements(either, either, Equal(trident.Driver), Equal(trident.CRDs), Equal(trident.Credentials)))
		classes, secrets := &storagev1.StorageClassList{}, &corev1.SecretList{}
		Expect(shoot.ControlPlane.Client.List(ctx, classes)).To(Succeed())
		Expect(shoot.ControlPlane.Client.List(ctx, secrets)).To(Succeed())
		Expect(classes.Items).To(BeEmpty())
		Expect(secrets.Items).To(BeEmpty())
		crds := &apiextensionsv1.CustomResourceDefinitionList{}
		Expect(shoot.ControlPlane.Client.List(ctx, crds)).To(Succeed())
		Expect(crds.Items).To(BeEmpty())
		state, err := seed.Simulator().State(ctx)
		Expect(err).NotTo(HaveOccurred())
		for _, cluster := range state.Clusters {
			Expect(cluster.SVMs).NotTo(ContainElement(HaveField("UUID", svmUUID)))
		}
		expectForgotten(ctx, shoot)
	})
})

// watchDeletions returns a function that tells which ManagedResources of a namespace went, in this order.
func watchDeletions(ctx context.Context, namespace string) func() []string {
	GinkgoHelper()
	watcher, err := admin.Watch(ctx, &resourcesv1alpha1.ManagedResourceList{}, client.InNamespace(namespace))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(watcher.Stop)
	var mutex sync.Mutex
	var names []string
	go func() {
		for event := range watcher.ResultChan() {
			if object, ok := event.Object.(client.Object); ok && event.Type == watch.Deleted {
				mutex.Lock()
				names = append(names, object.GetName())
				mutex.Unlock()
			}
		}
	}()
	return func() []string {
		mutex.Lock()
		defer mutex.Unlock()
		return names
	}
}
