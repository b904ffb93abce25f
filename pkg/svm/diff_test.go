// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm_test

import (
	"net/netip"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

const (
	shootUID = "0a1b2c3d-0000-4000-8000-000000000001"
	svmName  = "s0a1b2c3d000040008000000000000001"
	// The words g= and s= are the first eight digits of SHA-256 of "garden-1" and "seed-1".
	svmMark     = "gxo/v1 g=f55d7aa3 o=" + shootUID + " s=0eb02673 t=shoot--local--demo st=active"
	accountMark = "gxo/v1 g=f55d7aa3 o=" + shootUID + " s=0eb02673 st=active"
)

func demo() svm.Desired {
	return svm.Desired{
		Identity: svm.Identity{
			Namespace: "shoot--local--demo", ShootName: "demo", ShootUID: shootUID, TechnicalID: "shoot--local--demo",
			GardenIdentity: "garden-1", SeedName: "seed-1",
		},
		Wishes: svm.Wishes{
			ManagementLIF: netip.MustParseAddr("10.10.0.1"),
			DataLIFs:      []netip.Addr{netip.MustParseAddr("10.11.0.1"), netip.MustParseAddr("10.11.0.2")},
			Protocol:      ontapv1alpha1.ProtocolNVMe,
		},
	}
}

// wantedOf is what observations of demo's SVM are compared with.
func wantedOf(recordedUUID string, credentials svm.Credentials) svm.Wanted {
	return svm.Wanted{
		Desired: demo(), Credentials: credentials, Recorded: ontapv1alpha1.SVMStatus{SVMUUID: recordedUUID},
		Networks: settings("a").Networks,
	}
}

var _ = Describe("#Diff", func() {
	It("should find no drift in what was not looked at", func() {
		Expect(svm.Diff(wantedOf("uuid-1", svm.Credentials{Account: "demo-1", Fingerprint: "F"}), svm.Observed{})).To(BeZero())
	})

	Describe("of the SVM", func() {
		found := func(state, comment string) svm.Located {
			return svm.Located{Cluster: "a", SVM: ontap.SVM{UUID: "uuid-1", Name: svmName, State: state, Comment: comment}}
		}
		DescribeTable("should tell ours from others', and what is wrong with ours",
			func(observed svm.Located, recordedUUID string, want svm.SVMDrift) {
				drift := svm.Diff(wantedOf(recordedUUID, svm.Credentials{}), svm.ObservedSVM(&observed))
				Expect(drift.SVM).To(Equal(want))
			},
			Entry("running and marked", found("running", svmMark), "uuid-1", svm.SVMInStep),
			Entry("running, marked and never recorded", found("running", svmMark), "", svm.SVMInStep),
			Entry("with a human's words after the mark", found("running", svmMark+" hello"), "", svm.SVMInStep),
			Entry("marked and renamed", svm.Located{SVM: ontap.SVM{UUID: "uuid-1", Name: "renamed", State: "running", Comment: svmMark}}, "", svm.SVMInStep),
			Entry("stopped and marked", found("stopped", svmMark), "uuid-1", svm.SVMStopped),

			Entry("unmarked and never recorded", found("running", ""), "", svm.SVMForeign),
			Entry("unmarked, of the recorded name with another UUID", found("running", "hello"), "uuid-2", svm.SVMForeign),
			Entry("unmarked, of the recorded UUID with another name",
				svm.Located{SVM: ontap.SVM{UUID: "uuid-1", Name: "renamed", State: "running"}}, "uuid-1", svm.SVMForeign),
			Entry("unmarked, of the recorded name and UUID", found("running", "hello"), "uuid-1", svm.SVMMisMarked),
			Entry("unmarked and stopped, of the recorded name and UUID", found("stopped", ""), "uuid-1", svm.SVMMisMarked),
			Entry("with the mark in the middle", found("running", "hello "+svmMark), "", svm.SVMForeign),
			Entry("marked with wildcards", found("running", "gxo/v1 g=* o=* s=* st=active"), "uuid-1", svm.SVMForeign),
			Entry("marked by another garden", found("running", "gxo/v1 g=532b20b0 o="+shootUID+" s=0eb02673 st=active"), "uuid-1", svm.SVMForeign),
			Entry("marked for another shoot", found("running", "gxo/v1 g=f55d7aa3 o=0a1b2c3d-0000-4000-8000-000000000002 s=0eb02673 st=active"), "uuid-1", svm.SVMForeign),
			Entry("marked for a shoot whose UID ours is the beginning of", found("running", "gxo/v1 g=f55d7aa3 o="+shootUID+"1 s=0eb02673 st=active"), "uuid-1", svm.SVMForeign),
			Entry("marked for another seed", found("running", "gxo/v1 g=f55d7aa3 o="+shootUID+" s=532b20b0 st=active"), "uuid-1", svm.SVMOfOtherSeed),
			Entry("marked for another seed, which deletes it", found("running", "gxo/v1 g=f55d7aa3 o="+shootUID+" s=532b20b0 st=deleting"), "uuid-1", svm.SVMOfOtherSeed),
			Entry("marked as being deleted", found("running", "gxo/v1 g=f55d7aa3 o="+shootUID+" s=0eb02673 st=deleting"), "uuid-1", svm.SVMMisMarked),
			Entry("marked without a state", found("running", "gxo/v1 g=f55d7aa3 o="+shootUID+" s=0eb02673"), "uuid-1", svm.SVMMisMarked),

			Entry("initializing, marked", found("initializing", svmMark), "", svm.SVMUnsettled),
			Entry("initializing, its comment not shown yet", found("initializing", ""), "", svm.SVMUnsettled),
			Entry("starting", found("starting", svmMark), "", svm.SVMUnsettled),
			Entry("stopping", found("stopping", svmMark), "", svm.SVMUnsettled),
			Entry("being deleted", found("deleting", svmMark), "", svm.SVMUnsettled),
			Entry("in a state that this release does not know", found("hibernating", svmMark), "", svm.SVMUnsettled),
			Entry("without a state", found("", svmMark), "", svm.SVMUnsettled),
		)

		It("should be missing if no cluster has it", func() {
			Expect(svm.Diff(wantedOf("uuid-1", svm.Credentials{}), svm.ObservedSVM(nil))).To(Equal(svm.Drift{SVM: svm.SVMMissing}))
		})
	})

	Describe("of the accounts", func() {
		wanted := svm.Credentials{Account: "demo-0a1b2c3d-abc123", Fingerprint: "MZXW6YTBOIMZXW6YTBOIMZXW6Y"}
		const committed = accountMark + " fp=MZXW6YTBOIMZXW6YTBOIMZXW6Y"
		account := func(name, comment string, locked *bool) ontap.Account {
			return ontap.Account{Name: name, Role: "vsadmin", Comment: comment, Locked: locked}
		}
		unlocked := new(false)

		DescribeTable("should judge the one that the seed secret names",
			func(comment string, locked *bool, want svm.AccountDrift) {
				observed := svm.ObservedAccounts(account("vsadmin", "", new(true)), account(wanted.Account, comment, locked))
				Expect(svm.Diff(wantedOf("", wanted), observed)).To(Equal(svm.Drift{Account: want}))
			},
			Entry("committed", committed, unlocked, svm.AccountInStep),
			Entry("committed by the seed that the shoot came from", "gxo/v1 g=f55d7aa3 o="+shootUID+" s=532b20b0 st=active fp=MZXW6YTBOIMZXW6YTBOIMZXW6Y", unlocked, svm.AccountInStep),
			Entry("locked", committed, new(true), svm.AccountLocked),
			Entry("without a fingerprint", accountMark, unlocked, svm.AccountUncommitted),
			Entry("without a password", accountMark, nil, svm.AccountUncommitted),
			Entry("committed without a password", committed, nil, svm.AccountUncommitted),
			Entry("without a fingerprint and locked", accountMark, new(true), svm.AccountUncommitted),
			Entry("committed with other credentials", accountMark+" fp=AAAAAAAAAAAAAAAAAAAAAAAAAA", unlocked, svm.AccountTaken),
			Entry("committed with other credentials and locked", accountMark+" fp=AAAAAAAAAAAAAAAAAAAAAAAAAA", new(true), svm.AccountTaken),
			Entry("unmarked", "", unlocked, svm.AccountTaken),
			Entry("with the mark in the middle", "hello "+committed, unlocked, svm.AccountTaken),
			Entry("marked by another garden", "gxo/v1 g=532b20b0 o="+shootUID+" s=0eb02673 st=active fp=MZXW6YTBOIMZXW6YTBOIMZXW6Y", unlocked, svm.AccountTaken),
			Entry("marked for another shoot", "gxo/v1 g=f55d7aa3 o=other s=0eb02673 st=active fp=MZXW6YTBOIMZXW6YTBOIMZXW6Y", unlocked, svm.AccountTaken),
		)

		It("should be missing if the SVM has none of the name", func() {
			Expect(svm.Diff(wantedOf("", wanted), svm.ObservedAccounts())).To(Equal(svm.Drift{Account: svm.AccountMissing}))
			Expect(svm.Diff(wantedOf("", wanted), svm.ObservedAccounts(account("vsadmin", "", unlocked)))).To(Equal(svm.Drift{Account: svm.AccountMissing}))
		})

		It("should retire ours under other names, however they look, and nobody else's", func() {
			drift := svm.Diff(wantedOf("", wanted), svm.ObservedAccounts(
				account("demo-0a1b2c3d-old001", committed, unlocked),
				account("demo-0a1b2c3d-old002", accountMark, nil),
				account("demo-0a1b2c3d-old003", accountMark, new(true)),
				account(wanted.Account, committed, unlocked),
				account("demo-0a1b2c3d-human1", "by hand", unlocked),
				account("demo-0a1b2c3d-others", "gxo/v1 g=532b20b0 o="+shootUID+" st=active", unlocked),
				account("vsadmin", "", unlocked),
			))
			Expect(drift).To(Equal(svm.Drift{
				Account: svm.AccountInStep,
				Retired: []string{"demo-0a1b2c3d-old001", "demo-0a1b2c3d-old002", "demo-0a1b2c3d-old003"},
			}))
		})
	})
})
