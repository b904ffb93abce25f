// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

const integration = "test/integration"

var mutants = []mutant{
	{"the guard is asked before every step, and a change ends the attempt", "pkg/step/runner.go", "if changed {", "if false && changed {", "pkg/step", "Runner"},
	{"a seed secret that was not written is not used", "pkg/seedsecret/store.go", "	if err != nil {\n		return Snapshot{}, err\n	}\n	return snapshotOf(secret), nil", "	return snapshotOf(secret), nil", integration, "Reconcile|The failure"},
	{"a malformed seed secret is made again", "pkg/seedsecret/store.go", "case !want.wellFormed(owner):", "case !seen.Exists():", integration, "Repair"},
	{"a seed secret of another shoot is not touched", "pkg/seedsecret/store.go", "uid != \"\" && uid != owner.ShootUID", "false", integration, "Repair"},
	{"only the credentials that were seen are renewed", "pkg/seedsecret/store.go", "unseen != nil || current.Fingerprint() != seen.Fingerprint()", "true", integration, "renewal collides"},
	{"what does not carry the owner mark is left alone", "pkg/svm/diff.go", "case !desired.sameShoot(svm.Comment):", "case false:", integration, "ownership|Ownership|owner"},
	{"an SVM of another seed is taken over by a restoration alone", "pkg/svm/ensure_svm.go", "drift == SVMOfOtherSeed && s.desired.TakeOver", "drift == SVMOfOtherSeed", integration, "seed"},
	{"absence is unanimous", "pkg/svm/observed.go", "case len(unanswered) > 0:", "case false:", integration, "Reconcile|cluster"},
	{"the placement is decided once", "pkg/svm/placement.go", "if placed == \"\" {", "if true {", integration, "placement|Placement|cluster"},
	{"an account without a fingerprint is not committed", "pkg/svm/diff.go", "mark.Fingerprint == \"\" || account.Locked == nil", "false", integration, "account|Account|Reconcile"},
	{"an account with other credentials is not taken for ours", "pkg/svm/diff.go", "case mark.Fingerprint != wanted.Fingerprint:", "case false:", integration, "Repair"},
	{"an old account goes only when the shoot uses the new one", "pkg/svm/retire_accounts.go", "if err != nil || outcome.Kind != step.KindDone {", "if err != nil {", integration, "shoot's side"},
	{"a hold is a client that cannot write", "pkg/svm/access.go", "if cluster.Settings.Hold || *a.held {", "if false {", integration, "hold|held"},
	{"data paths are not cut", "pkg/svm/ensure_data_lifs.go", "if len(hosts) > 0 {", "if false {", integration, "connected|path"},
	{"a stopped SVM is an administrator's", "pkg/svm/ensure_svm.go", "case !s.desired.CorrectAdminState:", "case false:", integration, "administrator"},
	{"an outage stops no maintenance, but what is new", "pkg/svm/outage.go", "case !applied || r.secret", "case applied && false || r.secret", integration, "outage|Outage|down"},
	{"conditions are written with an optimistic lock", "pkg/controller/lifecycle/status.go", "client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})", "client.MergeFrom(before)", "pkg/controller/lifecycle", ""},
	{"what Trident quotes is not the password", "pkg/trident/look.go", "strings.ReplaceAll(status.Message, password, \"[redacted]\")", "strings.TrimSpace(status.Message)", "pkg/trident", ""},
	{"a silent cluster is asked once in ten seconds", "pkg/ontap/silence.go", "case now.Before(s.next):", "case false:", "pkg/ontap", ""},
	{"repair carries out nothing new", "pkg/svm/repair.go", "err != nil || !applied {", "err != nil || false && !applied {", integration, "Repair|The sweep"},
	{"our own writes of the seed secret lead to nothing", "pkg/svm/repair.go", "report.Epoch == known", "false && report.Epoch == known", integration, "Repair"},
	{"repair leaves the driver to Gardener", "pkg/trident/shoot_resources.go", "if content.CredentialsOnly && b.name", "if false && b.name", integration, "Repair"},
	{"repair leaves a shoot alone that Gardener is at", "pkg/controller/repair/exclusions.go", "last == nil || last.State != gardencorev1beta1.LastOperationStateSucceeded ||", "last == nil ||", integration, "Repair"},
	{"repair leaves a shoot alone that has failed", "pkg/controller/repair/exclusions.go", "|| extensionscontroller.IsShootFailed(shoot) {", "{", integration, "Repair"},
	{"repair waits for nothing", "pkg/step/poll.go", "patience.once {", "false {", "pkg/step", "Poll"},
	{"a sweep concludes nothing from silence", "pkg/svm/inventory.go", "len(svms) == 0 && len(c.unanswered) > 0", "false && len(c.unanswered) > 0", integration, "The sweep"},
	{"from the fifth failure on the condition counts", "pkg/controller/lifecycle/streak.go", "if s.failures < repeatedly {", "if true {", "pkg/controller/lifecycle", ""},
	{"an SVM with volumes is parked, not deleted", "pkg/svm/check_volumes.go", "if len(volumes) == 0 {\n		return s.check", "if true {\n		return s.check", integration, "delet|park"},
}
