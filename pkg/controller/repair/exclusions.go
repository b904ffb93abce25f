// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package repair

import (
	"context"
	"fmt"
	"slices"

	extensionscontroller "github.com/gardener/gardener/extensions/pkg/controller"
	"github.com/gardener/gardener/extensions/pkg/controller/extension"
	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/lifecycle"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// look reads, uncached, what the SVM of a shoot should be. It reports false for a shoot that is none of repair's business.
func (r *Reconciler) look(ctx context.Context, namespace string) (svm.Desired, bool, error) {
	found := &extensionsv1alpha1.Extension{}
	err := r.options.Uncached.Get(ctx, client.ObjectKey{Namespace: namespace, Name: ontapv1alpha1.ExtensionType}, found)
	if err != nil {
		return svm.Desired{}, false, unlessGone("Extension", namespace, err)
	}
	cluster, err := extensionscontroller.GetCluster(ctx, r.options.Uncached, namespace)
	if err != nil {
		return svm.Desired{}, false, unlessGone("Cluster", namespace, err)
	}
	if excluded(found, cluster) {
		return svm.Desired{}, false, nil
	}
	home := &corev1.Namespace{}
	if err := r.options.Uncached.Get(ctx, client.ObjectKey{Name: namespace}, home); err != nil {
		return svm.Desired{}, false, unlessGone("Namespace", namespace, err)
	}
	if home.DeletionTimestamp != nil {
		return svm.Desired{}, false, nil
	}
	desired, err := lifecycle.DesiredOf(r.options.Config, found, cluster)
	if len(v1beta1helper.ExtractErrorCodes(err)) > 0 {
		return svm.Desired{}, false, nil // what is not valid was never applied
	}
	return desired, err == nil, err
}

func unlessGone(kind, namespace string, err error) error {
	if client.IgnoreNotFound(err) == nil {
		return nil
	}
	return fmt.Errorf("reading %s of %s: %w", kind, namespace, err)
}

// excluded reports whether repair leaves a shoot alone: somebody else is at it, about to be, or has given up, or it is not
// known to have ever been in order.
func excluded(found *extensionsv1alpha1.Extension, cluster *extensionscontroller.Cluster) bool {
	const finalizer = extension.FinalizerPrefix + "/" + ontapv1alpha1.ExtensionType
	last := found.Status.LastOperation
	switch {
	case found.Annotations[ontapv1alpha1.AnnotationPaused] == "true":
		return true
	case found.DeletionTimestamp != nil, !controllerutil.ContainsFinalizer(found, finalizer):
		return true
	case found.Annotations[v1beta1constants.GardenerOperation] != "", found.Status.ObservedGeneration != found.Generation:
		return true
	case last == nil || last.State != gardencorev1beta1.LastOperationStateSucceeded || !slices.Contains(keeping, last.Type):
		return true
	}
	return leavesAlone(cluster.Shoot)
}

// keeping are the operations after which there is an SVM to keep.
var keeping = []gardencorev1beta1.LastOperationType{
	gardencorev1beta1.LastOperationTypeCreate, gardencorev1beta1.LastOperationTypeReconcile, gardencorev1beta1.LastOperationTypeRestore,
}

// watched reports whether an SVM is this seed's to watch: it is neither being taken away nor has it moved. Of one that is paused
// nobody wants to be told.
func watched(found *extensionsv1alpha1.Extension, cluster *extensionscontroller.Cluster) bool {
	last := found.Status.LastOperation
	migrated := last != nil && last.Type == gardencorev1beta1.LastOperationTypeMigrate
	if found.Annotations[ontapv1alpha1.AnnotationPaused] == "true" {
		return false
	}
	return found.DeletionTimestamp == nil && !migrated && cluster.Shoot != nil && cluster.Shoot.DeletionTimestamp == nil
}

// leavesAlone reports whether the shoot itself goes, has failed, or is on its way from or to another seed.
func leavesAlone(shoot *gardencorev1beta1.Shoot) bool {
	if shoot == nil || shoot.DeletionTimestamp != nil || extensionscontroller.IsShootFailed(shoot) {
		return true
	}
	last := shoot.Status.LastOperation
	if last == nil {
		return false
	}
	restored := last.Type != gardencorev1beta1.LastOperationTypeRestore || last.State == gardencorev1beta1.LastOperationStateSucceeded
	return !restored || last.Type == gardencorev1beta1.LastOperationTypeMigrate || last.Type == gardencorev1beta1.LastOperationTypeDelete
}
