// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
)

// Pretend makes an Extension that looks as if it had been reconciled: there are many of them in a seed, and none of them
// is anything to work on. No SVM is made.
func (s *Shoot) Pretend(ctx context.Context) error {
	object := &extensionsv1alpha1.Extension{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: s.Namespace, Name: extensionType, Finalizers: []string{"extensions.gardener.cloud/" + extensionType},
			Annotations: map[string]string{"gardener.cloud/operation": "wait-for-state"},
		},
		Spec: extensionsv1alpha1.ExtensionSpec{DefaultSpec: extensionsv1alpha1.DefaultSpec{Type: extensionType, ProviderConfig: s.ProviderConfig}},
	}
	if err := s.seed.Client.Create(ctx, object); err != nil {
		return err
	}
	object.Status.LastOperation = &gardencorev1beta1.LastOperation{
		Type: gardencorev1beta1.LastOperationTypeReconcile, State: gardencorev1beta1.LastOperationStateSucceeded, Progress: 100,
		LastUpdateTime: metav1.NewTime(clock.RealClock{}.Now()),
	}
	object.Status.ObservedGeneration = object.Generation
	if err := s.seed.Client.Status().Update(ctx, object); err != nil {
		return err
	}
	object.Annotations = nil
	return s.seed.Client.Update(ctx, object)
}

// ExtensionMemory returns the resident memory of the extension in bytes.
func (l *Landscape) ExtensionMemory() (int64, error) {
	if l.running == nil {
		return 0, errNotRunning
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", l.running.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, found := bytes.Cut(status, []byte("VmRSS:"))
	var kilobytes int64
	if _, err := fmt.Sscanf(string(rest), "%d kB", &kilobytes); !found || err != nil {
		return 0, errors.Join(errors.New("the kernel does not tell the resident memory"), err)
	}
	return kilobytes << 10, nil
}
