// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package repair

import (
	"context"
	"fmt"

	extensionscontroller "github.com/gardener/gardener/extensions/pkg/controller"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/lifecycle"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// sweep compares all shoots with what all clusters have, and asks for a look at each one that differs. One that ran out of time
// has found out nothing, and is repeated.
func (r *Reconciler) sweep(ctx context.Context) (reconcile.Result, error) {
	extensions := &extensionsv1alpha1.ExtensionList{}
	if err := r.options.Cached.List(ctx, extensions); err != nil {
		return reconcile.Result{}, fmt.Errorf("listing Extensions: %w", err)
	}
	secrets, err := r.options.Secrets.List(ctx)
	if err != nil {
		return reconcile.Result{}, err
	}
	log := logr.FromContextOrDiscard(ctx)
	began := r.options.Clock.Now()
	census := r.options.Inventory.Take(ctx)
	if err := ctx.Err(); err != nil {
		return reconcile.Result{}, fmt.Errorf("reading what the clusters have: %w", err)
	}
	for _, err := range census.Unanswered() {
		log.Info("A cluster did not answer, and nothing is found out about its SVMs", "reason", err.Error())
	}
	shoots, verdicts, states := map[svm.Finding]int{}, map[string]svm.Verdict{}, map[string]svm.State{}
	for i := range extensions.Items {
		found := &extensions.Items[i]
		if found.Spec.Type != ontapv1alpha1.ExtensionType {
			continue
		}
		judged, err := r.judge(ctx, census, found, secrets[found.Namespace])
		if err != nil {
			log.Info("Nothing could be found out about a shoot", "namespace", found.Namespace, "reason", err.Error())
		}
		shoots[judged.finding]++
		if judged.verdict.Health != "" {
			verdicts[found.Namespace] = judged.verdict
		}
		if judged.state.SVM != "" {
			states[found.Namespace] = judged.state
		}
		if judged.finding == svm.FindingDrifted {
			r.queue.Add(Request{found.Namespace, CauseSweep})
		}
	}
	r.options.Health.Observe(began, verdicts)
	r.options.Metrics.ObserveSweep(began, census.Clusters(r.options.Config.GardenIdentity), states)
	for _, finding := range findings {
		r.options.Metrics.SetSwept(string(finding), shoots[finding])
	}
	return reconcile.Result{RequeueAfter: wait.Jitter(r.options.Config.RepairInterval.Duration*9/10, 0.2)}, nil
}

// findings are those that a shoot can get in a sweep.
var findings = []svm.Finding{svm.FindingExcluded, svm.FindingPending, svm.FindingUnknown, svm.FindingInStep, svm.FindingDrifted}

// judgement is what a sweep says of a shoot: what there is to do for it, and of its SVM the health, and what can be seen. The last
// two are the zero values of shoots that the sweep has none for.
type judgement struct {
	finding svm.Finding
	verdict svm.Verdict
	state   svm.State
}

// judge has no verdict on a shoot that repair leaves alone, but what is seen of its SVM.
func (r *Reconciler) judge(
	ctx context.Context, census svm.Census, found *extensionsv1alpha1.Extension, secret seedsecret.Snapshot,
) (judgement, error) {
	judged := judgement{finding: svm.FindingUnknown}
	cluster, err := extensionscontroller.GetCluster(ctx, r.options.Cached, found.Namespace)
	if err != nil {
		return judged, err
	}
	desired, wrong := lifecycle.DesiredOf(r.options.Config, found, cluster)
	record, unreadable := lifecycle.RecordOf(found)
	if wrong == nil && unreadable == nil && watched(found, cluster) {
		judged.state = census.State(desired, record, secret)
	}
	switch {
	case excluded(found, cluster):
		judged.finding = svm.FindingExcluded
		return judged, nil
	case wrong != nil:
		judged.finding = svm.FindingPending
		return judged, wrong
	case unreadable != nil:
		return judged, unreadable
	}
	judged.verdict = census.Health(desired, record, secret)
	judged.finding, err = census.Judge(desired, record, secret)
	if judged.finding == svm.FindingInStep && lifecycle.Complains(found) {
		judged.finding = svm.FindingDrifted
	}
	return judged, err
}
