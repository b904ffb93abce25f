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
	shoots, verdicts := map[svm.Finding]int{}, map[string]svm.Verdict{}
	for i := range extensions.Items {
		found := &extensions.Items[i]
		if found.Spec.Type != ontapv1alpha1.ExtensionType {
			continue
		}
		finding, verdict, err := r.judge(ctx, census, found, secrets[found.Namespace])
		if err != nil {
			log.Info("Nothing could be found out about a shoot", "namespace", found.Namespace, "reason", err.Error())
		}
		shoots[finding]++
		if verdict.Health != "" {
			verdicts[found.Namespace] = verdict
		}
		if finding == svm.FindingDrifted {
			r.queue.Add(Request{found.Namespace, CauseSweep})
		}
	}
	r.options.Health.Observe(began, verdicts)
	for _, finding := range findings {
		r.options.Metrics.SetSwept(string(finding), shoots[finding])
	}
	return reconcile.Result{RequeueAfter: wait.Jitter(r.options.Config.RepairInterval.Duration*9/10, 0.2)}, nil
}

// findings are those that a shoot can get in a sweep.
var findings = []svm.Finding{svm.FindingExcluded, svm.FindingPending, svm.FindingUnknown, svm.FindingInStep, svm.FindingDrifted}

// judge tells what there is to do for a shoot, and what the health of its SVM is; nothing of one that repair leaves alone.
func (r *Reconciler) judge(
	ctx context.Context, census svm.Census, found *extensionsv1alpha1.Extension, secret seedsecret.Snapshot,
) (svm.Finding, svm.Verdict, error) {
	cluster, err := extensionscontroller.GetCluster(ctx, r.options.Cached, found.Namespace)
	if err != nil {
		return svm.FindingUnknown, svm.Verdict{}, err
	}
	if excluded(found, cluster) {
		return svm.FindingExcluded, svm.Verdict{}, nil
	}
	desired, err := lifecycle.DesiredOf(r.options.Config, found, cluster)
	if err != nil {
		return svm.FindingPending, svm.Verdict{}, err
	}
	record, err := lifecycle.RecordOf(found)
	if err != nil {
		return svm.FindingUnknown, svm.Verdict{}, err
	}
	finding, err := census.Judge(desired, record, secret)
	if finding == svm.FindingInStep && lifecycle.Complains(found) {
		finding = svm.FindingDrifted
	}
	return finding, census.Health(desired, record, secret), err
}
