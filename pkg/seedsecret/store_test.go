// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package seedsecret_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
)

var _ = Describe("Store", func() {
	var (
		seed  client.WithWatch
		store *seedsecret.Store
		owner = seedsecret.Owner{
			Namespace: "shoot--local--demo", ShootName: "demo", ShootUID: "0a1b2c3d-0000-4000-8000-000000000001",
		}
		key      = client.ObjectKey{Namespace: owner.Namespace, Name: "ontap-svm-credentials"}
		noRecord = seedsecret.Record{}
	)

	BeforeEach(func(ctx SpecContext) {
		seed = apiserver.New(apiserver.Options{Scheme: scheme.Scheme, Clock: clock.RealClock{}})
		Expect(seed.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: owner.Namespace}})).To(Succeed())
		store = seedsecret.NewStore(seed)
	})

	read := func(ctx context.Context) *corev1.Secret {
		GinkgoHelper()
		secret := &corev1.Secret{}
		Expect(seed.Get(ctx, key, secret)).To(Succeed())
		return secret
	}
	ensure := func(ctx context.Context, record seedsecret.Record) (seedsecret.Snapshot, seedsecret.Healed) {
		GinkgoHelper()
		snapshot, healed, err := store.Ensure(ctx, owner, record)
		Expect(err).NotTo(HaveOccurred())
		return snapshot, healed
	}
	edit := func(ctx context.Context, change func(*corev1.Secret)) {
		GinkgoHelper()
		secret := read(ctx)
		change(secret)
		Expect(seed.Update(ctx, secret)).To(Succeed())
	}

	Describe("#Ensure", func() {
		It("should create the secret with credentials that ONTAP takes", func(ctx SpecContext) {
			snapshot, healed := ensure(ctx, noRecord)
			Expect(healed).To(Equal(seedsecret.HealedCreated))

			secret := read(ctx)
			Expect(secret.Labels).To(Equal(map[string]string{
				"ontap.extensions.gardener.cloud/shoot-uid": owner.ShootUID, "persist": "true",
			}))
			Expect(secret.Data).To(And(HaveLen(3), HaveKeyWithValue("salt", HaveLen(32))))
			Expect(string(secret.Data["username"])).To(And(MatchRegexp(`^demo-0a1b2c3d-[a-z0-9]{6}$`), MatchRegexp(`[a-z]`), MatchRegexp(`[0-9]`)))
			password := string(secret.Data["password"])
			Expect(password).To(HaveLen(32))
			for characters, atLeast := range map[string]int{"abcdefghijklmnopqrstuvwxyz": 4, "ABCDEFGHIJKLMNOPQRSTUVWXYZ": 4, "0123456789": 4, "-_.#%+": 2} {
				Expect(len(strings.Map(only(characters), password))).To(BeNumerically(">=", atLeast), "of "+characters)
			}
			Expect(snapshot.Username()).To(Equal(string(secret.Data["username"])))
			Expect(snapshot.Password()).To(Equal(password))
		})

		It("should leave a good secret alone", func(ctx SpecContext) {
			first, _ := ensure(ctx, noRecord)
			before := read(ctx)
			second, healed := ensure(ctx, noRecord)
			Expect(healed).To(BeEmpty())
			Expect(second.Fingerprint()).To(Equal(first.Fingerprint()))
			Expect(read(ctx)).To(Equal(before))
		})

		It("should make fresh credentials for a lost secret and restore the recorded cluster", func(ctx SpecContext) {
			lost, _ := ensure(ctx, noRecord)
			Expect(seed.Delete(ctx, read(ctx))).To(Succeed())
			fresh, healed := ensure(ctx, seedsecret.Record{Cluster: "a", Account: lost.Username()})
			Expect(healed).To(Equal(seedsecret.HealedRecreated))
			Expect(fresh.Cluster()).To(Equal("a"))
			Expect(fresh.Username()).NotTo(Equal(lost.Username()))
			Expect(fresh.Password()).NotTo(Equal(lost.Password()))
		})

		DescribeTable("should replace malformed content, and keep the cluster that it names",
			func(ctx SpecContext, damage func(*corev1.Secret)) {
				before, _ := ensure(ctx, seedsecret.Record{Cluster: "a"})
				edit(ctx, damage)
				after, healed := ensure(ctx, noRecord)
				Expect(healed).To(Equal(seedsecret.HealedRecreated))
				Expect(after.Fingerprint()).NotTo(Equal(before.Fingerprint()))
				Expect(after.Cluster()).To(Equal("a"))
				Expect(read(ctx).Data).To(HaveKeyWithValue("password", Not(BeEmpty())))
			},
			Entry("no password", func(s *corev1.Secret) { delete(s.Data, "password") }),
			Entry("an empty password", func(s *corev1.Secret) { s.Data["password"] = nil }),
			Entry("a password with a line break", func(s *corev1.Secret) { s.Data["password"] = []byte("abcdefgh12345\n") }),
			Entry("a short salt", func(s *corev1.Secret) { s.Data["salt"] = []byte("salt") }),
			Entry("a password that contains the user name", func(s *corev1.Secret) { s.Data["password"] = append(s.Data["username"], "-1A"...) }),
			Entry("somebody else's user name", func(s *corev1.Secret) { s.Data["username"] = []byte("vsadmin") }),
		)

		It("should replace a malformed secret that is immutable", func(ctx SpecContext) {
			ensure(ctx, noRecord)
			edit(ctx, func(s *corev1.Secret) { s.Data["salt"] = nil; s.Immutable = new(true) })
			_, healed := ensure(ctx, noRecord)
			Expect(healed).To(Equal(seedsecret.HealedRecreated))
			Expect(read(ctx).Immutable).To(BeNil())
		})

		DescribeTable("should complete what is missing without new credentials",
			func(ctx SpecContext, remove func(*corev1.Secret)) {
				before, _ := ensure(ctx, seedsecret.Record{Cluster: "a"})
				edit(ctx, remove)
				after, healed := ensure(ctx, seedsecret.Record{Cluster: "a", Account: before.Username()})
				Expect(healed).To(Equal(seedsecret.HealedCompleted))
				Expect(after.Fingerprint()).To(Equal(before.Fingerprint()))
				Expect(after.Cluster()).To(Equal("a"))
				Expect(read(ctx).Labels).To(HaveKeyWithValue("persist", "true"))
			},
			Entry("the cluster", func(s *corev1.Secret) { delete(s.Data, "cluster") }),
			Entry("the labels", func(s *corev1.Secret) { s.Labels = nil }),
		)

		It("should stop at a secret of another shoot", func(ctx SpecContext) {
			ensure(ctx, noRecord)
			edit(ctx, func(s *corev1.Secret) { s.Labels["ontap.extensions.gardener.cloud/shoot-uid"] = "other" })
			before := read(ctx)
			_, _, err := store.Ensure(ctx, owner, noRecord)
			Expect(seedsecret.KindOf(err)).To(Equal(seedsecret.KindForeign))
			Expect(read(ctx)).To(Equal(before))
		})

		It("should wait for a secret that is being deleted", func(ctx SpecContext) {
			ensure(ctx, noRecord)
			edit(ctx, func(s *corev1.Secret) { s.Finalizers = []string{"example.com/hold"} })
			Expect(seed.Delete(ctx, read(ctx))).To(Succeed())
			_, _, err := store.Ensure(ctx, owner, noRecord)
			Expect(seedsecret.KindOf(err)).To(Equal(seedsecret.KindDeleting))
		})

		It("should take what a concurrent writer has created", func(ctx SpecContext) {
			overtaken := false
			store = seedsecret.NewStore(interceptor.NewClient(seed, interceptor.Funcs{
				Create: func(ctx context.Context, c client.WithWatch, obj client.Object, opts ...client.CreateOption) error {
					if !overtaken {
						overtaken = true
						_, _, err := seedsecret.NewStore(seed).Ensure(ctx, owner, noRecord)
						Expect(err).NotTo(HaveOccurred())
					}
					return c.Create(ctx, obj, opts...)
				},
			}))
			snapshot, healed := ensure(ctx, noRecord)
			Expect(healed).To(BeEmpty())
			Expect(snapshot.Password()).To(Equal(string(read(ctx).Data["password"])))
		})

		DescribeTable("should tell what it could not see from what it could not write",
			func(ctx SpecContext, funcs interceptor.Funcs, kind seedsecret.Kind) {
				store = seedsecret.NewStore(interceptor.NewClient(seed, funcs))
				_, _, err := store.Ensure(ctx, owner, noRecord)
				Expect(seedsecret.KindOf(err)).To(Equal(kind))
				Expect(apierrors.IsForbidden(err)).To(BeTrue(), "the API server's error stays in the chain")
				Expect(apierrors.IsNotFound(seed.Get(ctx, key, &corev1.Secret{}))).To(BeTrue())
			},
			Entry("a read that is refused", interceptor.Funcs{
				Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
					return forbidden
				},
			}, seedsecret.KindUnknown),
			Entry("a create that is refused", interceptor.Funcs{
				Create: func(context.Context, client.WithWatch, client.Object, ...client.CreateOption) error { return forbidden },
			}, seedsecret.KindNotWritten),
		)
	})

	It("should read an absent secret as one that does not exist, and make none", func(ctx SpecContext) {
		snapshot, err := store.Look(ctx, owner)
		Expect(err).NotTo(HaveOccurred())
		Expect(snapshot.Exists()).To(BeFalse())
		Expect(snapshot.Fingerprint()).To(BeEmpty())
		Expect(apierrors.IsNotFound(seed.Get(ctx, key, &corev1.Secret{}))).To(BeTrue())
	})

	It("should record a placement once and never replace it", func(ctx SpecContext) {
		before, _ := ensure(ctx, noRecord)
		placed, err := store.Place(ctx, owner, before, "a")
		Expect(err).NotTo(HaveOccurred())
		Expect(placed.Cluster()).To(Equal("a"))
		Expect(placed.Fingerprint()).To(Equal(before.Fingerprint()), "placement begins no new epoch")
		_, err = store.Place(ctx, owner, placed, "b")
		Expect(seedsecret.KindOf(err)).To(Equal(seedsecret.KindPlacedElsewhere))
		Expect(read(ctx).Data).To(HaveKeyWithValue("cluster", []byte("a")))
	})

	It("should not place over a secret that has changed since it was seen", func(ctx SpecContext) {
		before, _ := ensure(ctx, noRecord)
		Expect(store.Renew(ctx, owner, before)).To(Succeed())
		_, err := store.Place(ctx, owner, before, "a")
		Expect(seedsecret.KindOf(err)).To(Equal(seedsecret.KindNotWritten))
		Expect(read(ctx).Data).NotTo(HaveKey("cluster"))
	})

	It("should renew the credentials and keep the placement", func(ctx SpecContext) {
		before, _ := ensure(ctx, seedsecret.Record{Cluster: "a"})
		Expect(store.Renew(ctx, owner, before)).To(Succeed())
		after, healed := ensure(ctx, noRecord)
		Expect(healed).To(BeEmpty())
		Expect(after.Username()).NotTo(Equal(before.Username()))
		Expect(after.Cluster()).To(Equal("a"))
	})

	It("should leave newer credentials alone when asked to renew older ones", func(ctx SpecContext) {
		before, _ := ensure(ctx, noRecord)
		Expect(store.Renew(ctx, owner, before)).To(Succeed())
		newer, _ := ensure(ctx, noRecord)
		Expect(store.Renew(ctx, owner, before)).To(Succeed())
		after, _ := ensure(ctx, noRecord)
		Expect(after.Fingerprint()).To(Equal(newer.Fingerprint()))
	})

	It("should forget exactly the secret that was seen", func(ctx SpecContext) {
		before, _ := ensure(ctx, noRecord)
		Expect(store.Renew(ctx, owner, before)).To(Succeed())
		Expect(store.Forget(ctx, owner, before)).To(MatchError(ContainSubstring("changed by somebody else")))
		now, _ := ensure(ctx, noRecord)
		Expect(store.Forget(ctx, owner, now)).To(Succeed())
		Expect(store.Forget(ctx, owner, now)).To(Succeed())
		Expect(store.Forget(ctx, owner, seedsecret.Snapshot{})).To(Succeed())
		Expect(apierrors.IsNotFound(seed.Get(ctx, key, &corev1.Secret{}))).To(BeTrue())
	})

	It("should never print or marshal what it holds", func(ctx SpecContext) {
		snapshot, _ := ensure(ctx, noRecord)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			for _, value := range []any{snapshot, &snapshot, struct{ S seedsecret.Snapshot }{snapshot}} {
				text := fmt.Sprintf(verb, value)
				Expect(text).NotTo(ContainSubstring(snapshot.Password()), verb)
				Expect(text).To(ContainSubstring("redacted"), verb)
			}
		}
		_, err := json.Marshal(snapshot)
		Expect(err).To(MatchError(ContainSubstring("cannot be marshalled")))
		Expect(snapshot.MarshalLog()).To(Equal("[redacted]"))
	})
})

var forbidden = apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "ontap-svm-credentials", errors.New("not today"))

func only(characters string) func(rune) rune {
	return func(r rune) rune {
		if strings.ContainsRune(characters, r) {
			return r
		}
		return -1
	}
}
