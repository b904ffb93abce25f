// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// pods are what the controller and the nodes of one moment have read when they started.
type pods struct{ controller, node *corev1.Secret }

// start reads what pods would that start now.
func (w *world) start(ctx context.Context) pods {
	GinkgoHelper()
	deployment, set := &appsv1.Deployment{}, &appsv1.DaemonSet{}
	w.get(ctx, deployment, "kube-system", "trident-controller")
	w.get(ctx, set, "kube-system", "trident-node-linux")
	mounted := func(spec corev1.PodSpec) *corev1.Secret {
		GinkgoHelper()
		for _, volume := range spec.Volumes {
			if volume.Projected != nil {
				Expect(volume.Projected.Sources[1].Secret.Name).To(Equal("trident-encryption-keys"))
				secret := &corev1.Secret{}
				w.get(ctx, secret, "kube-system", volume.Projected.Sources[0].Secret.Name)
				return secret
			}
		}
		Fail("nothing is mounted")
		return nil
	}
	return pods{mounted(deployment.Spec.Template.Spec), mounted(set.Spec.Template.Spec)}
}

func trusted(secret *corev1.Secret) *x509.CertPool {
	GinkgoHelper()
	pool := x509.NewCertPool()
	Expect(pool.AppendCertsFromPEM(secret.Data["caCert"])).To(BeTrue())
	return pool
}

// talk is a node that asks the controller, as Trident's code does it.
func talk(ctx context.Context, node, controller *corev1.Secret) error {
	GinkgoHelper()
	serving, err := tls.X509KeyPair(controller.Data["serverCert"], controller.Data["serverKey"])
	Expect(err).NotTo(HaveOccurred())
	asking, err := tls.X509KeyPair(node.Data["clientCert"], node.Data["clientKey"])
	Expect(err).NotTo(HaveOccurred())
	here, there := net.Pipe()
	server := tls.Server(there, &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{serving}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted(controller),
	})
	asked := tls.Client(here, &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{asking}, RootCAs: trusted(node), ServerName: "trident-csi",
	})
	served := make(chan error, 1)
	go func() {
		err := server.HandshakeContext(ctx)
		if err == nil && server.ConnectionState().PeerCertificates[0].Subject.CommonName != "trident-node" {
			err = errors.New("who asks is not trident-node")
		}
		_ = there.Close() // nothing more is said
		served <- err
	}()
	err = asked.HandshakeContext(ctx)
	if err != nil {
		_ = here.Close()
	}
	return errors.Join(err, <-served)
}

var _ = Describe("Certificates of Trident", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	secrets := func(ctx context.Context) []corev1.Secret {
		GinkgoHelper()
		found := &corev1.SecretList{}
		Expect(w.seed.List(ctx, found, client.MatchingLabels{"managed-by": "secrets-manager", "manager-identity": "extension-ontap"})).To(Succeed())
		return found.Items
	}
	reach := func(ctx context.Context, phase gardencorev1beta1.CredentialsRotationPhase) pods {
		GinkgoHelper()
		if w.content.CARotation == nil {
			w.content.CARotation = &gardencorev1beta1.CARotation{LastInitiationTime: new(metav1.NewTime(w.clock.Now()))}
		}
		w.clock.Step(time.Minute)
		w.content.CARotation.Phase = phase
		w.settle(ctx)
		return w.start(ctx)
	}

	It("should give each pod its own and no key of an authority, under names that change with the content", func(ctx SpecContext) {
		w.settle(ctx)
		now := w.start(ctx)
		Expect(now.controller.Data).To(And(HaveLen(3), HaveKey("caCert"), HaveKey("serverCert"), HaveKey("serverKey")))
		Expect(now.node.Data).To(And(HaveLen(5), HaveKey("caCert"), HaveKey("clientCert"), HaveKey("clientKey"), HaveKey("serverCert"), HaveKey("serverKey")))
		Expect(now.node.Data["serverCert"]).NotTo(Equal(now.controller.Data["serverCert"]))
		for _, secret := range []*corev1.Secret{now.controller, now.node} {
			Expect(secret.Immutable).To(gstruct.PointTo(BeTrue()))
			Expect(secret.Labels).To(HaveKeyWithValue("resources.gardener.cloud/garbage-collectable-reference", "true"))
		}
		Expect(talk(ctx, now.node, now.controller)).To(Succeed())
	})

	It("should be the same in every run, and go with the shoot to another seed", func(ctx SpecContext) {
		w.settle(ctx)
		before, kept := w.start(ctx), secrets(ctx)
		Expect(kept).To(HaveLen(4))
		for _, secret := range kept {
			if secret.Labels["bundle-for"] != "" {
				continue // it is made of the authorities
			}
			Expect(secret.Labels).To(HaveKeyWithValue("persist", "true"), secret.Name)
		}
		w.clock.Step(24 * time.Hour)
		w.settle(ctx)
		Expect(w.start(ctx)).To(Equal(before))
		Expect(secrets(ctx)).To(Equal(kept))
	})

	It("should let old and new pods talk through the whole rotation, in whatever order they are replaced", func(ctx SpecContext) {
		w.settle(ctx)
		moments := []pods{w.start(ctx)}
		for _, phase := range []gardencorev1beta1.CredentialsRotationPhase{
			gardencorev1beta1.RotationPreparing, gardencorev1beta1.RotationPrepared, gardencorev1beta1.RotationCompleting, gardencorev1beta1.RotationCompleted,
		} {
			moments = append(moments, reach(ctx, phase))
		}
		for i := range moments {
			Expect(talk(ctx, moments[i].node, moments[i].controller)).To(Succeed(), "moment %d", i)
			if i == 0 {
				continue
			}
			Expect(talk(ctx, moments[i-1].node, moments[i].controller)).To(Succeed(), "a new controller, moment %d", i)
			Expect(talk(ctx, moments[i].node, moments[i-1].controller)).To(Succeed(), "a new node, moment %d", i)
		}
		Expect(moments[0].controller.Name).NotTo(Equal(moments[1].controller.Name))
		Expect(moments[1].node.Name).NotTo(Equal(moments[2].node.Name))
		Expect(moments[2]).To(Equal(moments[3]), "to complete is not to change anything yet")
		Expect(talk(ctx, moments[0].node, moments[4].controller)).NotTo(Succeed(), "the old authority is not trusted any more")
		Expect(talk(ctx, moments[4].node, moments[0].controller)).NotTo(Succeed())
		Expect(secrets(ctx)).To(HaveLen(4), "nothing old is kept")
	})

	It("should do so although nobody has looked while the rotation was prepared", func(ctx SpecContext) {
		w.settle(ctx)
		preparing := reach(ctx, gardencorev1beta1.RotationPreparingWithoutWorkersRollout)
		completing := reach(ctx, gardencorev1beta1.RotationCompleting)
		completed := reach(ctx, gardencorev1beta1.RotationCompleted)
		for _, pair := range [][2]pods{{preparing, completing}, {completing, preparing}, {completing, completed}, {completed, completing}} {
			Expect(talk(ctx, pair[0].node, pair[1].controller)).To(Succeed())
		}
	})

	It("should be forgotten with the key when nothing of it stands in the shoot any more", func(ctx SpecContext) {
		w.settle(ctx)
		Expect(w.resources.Forget(ctx, namespace)).To(Succeed())
		Expect(secrets(ctx)).To(BeEmpty())
		Expect(w.seed.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "trident-encryption-keys"}, &corev1.Secret{})).NotTo(Succeed())
		Expect(w.resources.Forget(ctx, namespace)).To(Succeed())
	})
})

var _ = Describe("The encryption key of Trident", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	key := func(ctx context.Context, c client.Client, namespace string) *corev1.Secret {
		GinkgoHelper()
		secret := &corev1.Secret{}
		Expect(c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "trident-encryption-keys"}, secret)).To(Succeed())
		return secret
	}

	It("should be made once, for the seed and for the shoot", func(ctx SpecContext) {
		w.settle(ctx)
		first := key(ctx, w.seed, namespace)
		Expect(first.Data["aesKey"]).To(HaveLen(32))
		Expect(first.Labels).To(HaveKeyWithValue("persist", "true"))
		Expect(key(ctx, w.inside, "kube-system").Data).To(Equal(first.Data))
		w.clock.Step(1000 * time.Hour)
		w.settle(ctx)
		Expect(key(ctx, w.seed, namespace)).To(Equal(first))
	})

	It("should be taken from the shoot if only that has it", func(ctx SpecContext) {
		w.settle(ctx)
		first := key(ctx, w.inside, "kube-system")
		Expect(w.seed.Delete(ctx, key(ctx, w.seed, namespace))).To(Succeed())
		w.settle(ctx)
		Expect(key(ctx, w.seed, namespace).Data).To(Equal(first.Data))
		Expect(key(ctx, w.inside, "kube-system").UID).To(Equal(first.UID))
	})

	It("should not be made for a shoot that may have one", func(ctx SpecContext) {
		w.unreachable = errors.New("no route to host")
		for range 3 {
			view, err := w.resources.Ensure(w.content)(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(view.Pending).NotTo(BeEmpty())
			Expect(w.manager.Pass(ctx)).To(Succeed())
		}
		Expect(w.names(ctx)).To(ConsistOf("extension-ontap-crds", "extension-ontap-credentials"))
		Expect(w.seed.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "trident-encryption-keys"}, &corev1.Secret{})).NotTo(Succeed())
	})

	It("should never be replaced, not even a broken one", func(ctx SpecContext) {
		w.settle(ctx)
		broken := key(ctx, w.seed, namespace)
		broken.Data["aesKey"] = broken.Data["aesKey"][:31]
		Expect(w.seed.Update(ctx, broken)).To(Succeed())
		_, err := w.resources.Ensure(w.content)(ctx)
		var seed *svm.SeedError
		Expect(errors.As(err, &seed)).To(BeTrue())
		Expect(err).To(MatchError(ContainSubstring("only a human can tell which was the key")))
		Expect(key(ctx, w.inside, "kube-system").Data["aesKey"]).To(HaveLen(32))
	})
})
