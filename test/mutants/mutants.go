// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

const integration = "test/integration"

var mutants = []mutant{
	{"the guard is asked before every step, and a change ends the attempt", "pkg/step/runner.go", "if changed {", "if false && changed {", "pkg/step", "Runner should start again with a new plan when the epoch changes"},
	{"a seed secret that was not written is not used", "pkg/seedsecret/store.go", "	if err != nil {\n		return Snapshot{}, err\n	}\n	return snapshotOf(secret), nil", "	return snapshotOf(secret), nil", integration, "Reconcile should not send one request while the seed secret cannot be written"},
	{"a malformed seed secret is made again", "pkg/seedsecret/store.go", "case !want.wellFormed(owner):", "case !seen.Exists():", integration, "should heal the seed secret, the account and what the shoot logs in with, without Gardener emptied"},
	{"a seed secret of another shoot is not touched", "pkg/seedsecret/reader.go", "uid != \"\" && uid != owner.ShootUID", "uid != \"\" && false", integration, "should leave a foreign seed secret alone, and say so"},
	{"only the credentials that were seen are renewed", "pkg/seedsecret/store.go", "unseen != nil || current.Fingerprint() != seen.Fingerprint()", "true", integration, "should never hand a shoot credentials that do not log in, though their renewal collides with a change of something else"},
	{"what does not carry the owner mark is left alone", "pkg/svm/diff.go", "case !desired.sameShoot(svm.Comment):", "case false:", integration, "should leave an SVM without our mark alone"},
	{"an SVM of another seed is taken over by a restoration alone", "pkg/svm/ensure_svm.go", "drift == SVMOfOtherSeed && s.desired.TakeOver", "drift == SVMOfOtherSeed", integration, "should take an SVM of another seed over in a restoration only"},
	{"absence is unanimous", "pkg/svm/observed.go", "case len(unanswered) > 0:", "case false:", integration, "should create nothing until both have answered"},
	{"the placement is decided once", "pkg/svm/placement.go", "if placed == \"\" {", "if true {", integration, "should make the SVM where it was placed, also if another cluster would be chosen by now"},
	{"an account without a fingerprint is not committed", "pkg/svm/diff.go", "mark.Fingerprint == \"\" || account.Locked == nil", "false", "pkg/svm", "should judge the one that the seed secret names without a fingerprint"},
	{"an account with other credentials is not taken for ours", "pkg/svm/diff.go", "case mark.Fingerprint != wanted.Fingerprint:", "case false:", integration, "should follow a seed secret with another password"},
	{"an old account goes only when the shoot uses the new one", "pkg/svm/retire_accounts.go", "if err != nil || outcome.Kind != step.KindDone {", "if err != nil {", integration, "should keep the old account as long as Trident does not work with the new one, for a quarter of an hour"},
	{"a hold is a client that cannot write", "pkg/svm/access.go", "if cluster.Settings.Hold || *a.held {", "if false {", integration, "a hold should let everything only look, and nothing be placed"},
	{"data paths are not cut", "pkg/svm/ensure_data_lifs.go", "if len(hosts) > 0 {", "if false {", integration, "should not cut a data path while hosts use it, unless that is confirmed"},
	{"a stopped SVM is an administrator's", "pkg/svm/ensure_svm.go", "case !s.desired.CorrectAdminState:", "case false:", integration, "an administrative state should be reported, and corrected where that is configured an SVM that is stopped"},
	{"an outage stops no maintenance, but what is new", "pkg/svm/outage.go", "case !applied || r.secret", "case applied && false || r.secret", integration, "Outage should fail what is new another wish of the shoot"},
	{"conditions are written with an optimistic lock", "pkg/controller/lifecycle/status.go", "client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})", "client.MergeFrom(before)", "pkg/controller/lifecycle", "should merge with what another writer has written meanwhile"},
	{"what Trident quotes is not the password", "pkg/trident/look.go", "strings.ReplaceAll(status.Message, password, \"[redacted]\")", "strings.TrimSpace(status.Message)", "pkg/trident", "should not repeat a password that Trident quotes"},
	{"a silent cluster is asked once in ten seconds", "pkg/ontap/silence.go", "case now.Before(s.next):", "case false:", "pkg/ontap", "Silence should let one of many go that come at the same time"},
	{"repair carries out nothing new", "pkg/svm/repair.go", "err != nil || !applied {", "err != nil || false && !applied {", integration, "should leave a shoot alone for which the operator has changed a default"},
	{"our own writes of the seed secret lead to nothing", "pkg/svm/repair.go", "report.Epoch == known", "false && report.Epoch == known", integration, "should not ask ONTAP because of what it has written itself"},
	{"repair leaves the driver to Gardener", "pkg/trident/shoot_resources.go", "if content.CredentialsOnly && b.name", "if false && b.name", integration, "should leave everything in the shoot but the credentials to Gardener's next reconcile"},
	{"repair leaves a shoot alone that Gardener is at", "pkg/controller/repair/exclusions.go", "last == nil || last.State != gardencorev1beta1.LastOperationStateSucceeded ||", "last == nil ||", integration, "should leave a shoot alone whose last operation goes on"},
	{"repair leaves a shoot alone that has failed", "pkg/controller/repair/exclusions.go", "|| extensionscontroller.IsShootFailed(shoot) {", "{", integration, "should leave a shoot alone that has failed"},
	{"repair waits for nothing", "pkg/step/poll.go", "patience.once {", "false {", "pkg/step", "should look once where the run does not wait"},
	{"a sweep concludes nothing from silence", "pkg/svm/inventory.go", "len(svms) == 0 && len(c.unanswered) > 0", "false && len(c.unanswered) > 0", integration, "should say nothing about SVMs of a cluster that does not answer"},
	{"health takes silence for nothing worse than doubt", "pkg/svm/health.go", "(svm == nil || svm.standsBy()) && len(c.unanswered) > 0", "false", integration, "should be in doubt while the cluster does not answer"},
	{"health rests on nothing old", "pkg/controller/healthcheck/checks.go", "age > 2*c.interval", "false && age > 2*c.interval", integration, "should be unknown, with the age"},
	{"health checks keep out of the way of an operation that begins", "pkg/controller/healthcheck/add.go", "return ended(e.ObjectNew) && !ended(e.ObjectOld)", "return true", "pkg/controller/healthcheck", "should begin between operations, never in the way of one that begins"},
	{"nobody waits for what not every shoot has an API for", "pkg/trident/managed_resource.go", "return b.lacks == nil || b.lacks(resource) == nil", "return b.lacks != nil && b.lacks(resource) == nil", integration, "should stop nothing where the API is missing, whatever is wanted"},
	{"a node that lacks something is named", "pkg/trident/look.go", "view.Unprepared, err = unprepared(ctx, shoot)", "_, err = unprepared(ctx, shoot)", integration, "should succeed with nodes that lack NVMe, and name them until they do not"},
	{"from the fifth failure on the condition counts", "pkg/controller/lifecycle/streak.go", "if s.failures < repeatedly {", "if true {", "pkg/controller/lifecycle", "should be told of from the fifth on: with each in the condition, once in an event, and in a metric"},
	{"an SVM with volumes is parked, not deleted", "pkg/svm/check_volumes.go", "if len(volumes) == 0 {\n		return s.check", "if true {\n		return s.check", integration, "should park an SVM with volumes when its shoot is deleted, say so, and delete it once they are gone"},
	{"nothing is granted for a paused shoot", "pkg/svm/keeper.go", "if r.desired.Paused {", "if false {", integration, "A paused Extension should let the maintenance of the shoot succeed, say that it looks at nothing, and heal when the pause is over"},
	{"a scratch SVM is known by its comment", "pkg/prove/scratch/scratch.go", "found.Comment != s.comment && (", "false && (", integration, "preflight --prove, disturbed should not touch an SVM of its name that somebody else has made meanwhile"},
	{"a scratch SVM is removed though nobody waits any more", "pkg/prove/scratch/remove.go", "context.WithCancel(context.WithoutCancel(ctx))", "context.WithCancel(ctx)", integration, "preflight --prove, disturbed should remove all when it is interrupted at whatever request"},
	{"a removal is confirmed while it can be taken back", "pkg/admission/shoot.go", "return validateRemoval(shoot).ToAggregate()", "return nil", "pkg/admission", "should want a confirmation for what takes storage away the extension is removed"},
	{"what has nothing to do with the SVM passes the garden", "pkg/admission/shoot.go", "case was != nil && now.equal(was):", "case was != nil && false:", "pkg/admission", "should look at an update of what the SVM depends on nothing of that changes in one that is not valid"},
}
