// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// removeProtocolObjects removes what nodes that have vanished left on the SVM, subsystems with their hosts or igroups, and
// then the protocol's service. ONTAP refuses to remove what is mapped, and so do we. It changes no service of an SVM that is
// stopped.
func (s *scope) removeProtocolObjects(ctx context.Context, access Access) (step.Outcome, error) {
	return step.Poll(ctx, s.Clock, func(ctx context.Context) (step.Outcome, error) {
		svm, cluster, err := s.deletable(ctx, access)
		switch {
		case svm == nil:
			return step.Skipped(reasonGone), err
		case s.parked:
			return step.Skipped(reasonParked), nil
		case svm.State == ontap.SVMStopped:
			return s.startSVM(ctx, cluster, svm)
		}
		return step.Done(), s.removeProtocols(ctx, cluster, svm)
	})
}

func (s *scope) removeProtocols(ctx context.Context, cluster Cluster, svm *Located) error {
	for _, protocol := range []string{"nvme", "iscsi", "nfs"} {
		if !svm.Protocols[protocol].Enabled && protocolKeys[s.record.Status.Protocol] != protocol {
			continue
		}
		if err := removeHosts(ctx, cluster, protocol, svm); err != nil {
			return err
		}
		if err := removeService(ctx, cluster, protocol, svm); err != nil {
			return err
		}
		s.forgetSVM()
	}
	return nil
}

func removeHosts(ctx context.Context, cluster Cluster, protocol string, svm *Located) error {
	switch protocol {
	case "nvme":
		subsystems, err := cluster.Subsystems.List(ctx, svm.UUID)
		if err != nil {
			return fmt.Errorf("listing the subsystems of SVM %s: %w", svm.Name, err)
		}
		for _, subsystem := range subsystems {
			if err := cluster.Subsystems.Delete(ctx, subsystem.UUID); err != nil && !ontap.IsNotFound(err) {
				return fmt.Errorf("deleting subsystem %s of SVM %s: %w", subsystem.Name, svm.Name, err)
			}
		}
	case "iscsi":
		igroups, err := cluster.Igroups.List(ctx, svm.UUID)
		if err != nil {
			return fmt.Errorf("listing the igroups of SVM %s: %w", svm.Name, err)
		}
		for _, igroup := range igroups {
			if err := cluster.Igroups.Delete(ctx, igroup.UUID); err != nil && !ontap.IsNotFound(err) {
				return fmt.Errorf("deleting igroup %s of SVM %s: %w", igroup.Name, svm.Name, err)
			}
		}
	}
	return nil
}

func removeService(ctx context.Context, cluster Cluster, protocol string, svm *Located) error {
	if err := cluster.Protocols.SetEnabled(ctx, protocol, svm.UUID, false); err != nil {
		if ontap.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("switching %s of SVM %s off: %w", protocol, svm.Name, err)
	}
	if err := cluster.Protocols.DeleteService(ctx, protocol, svm.UUID); err != nil && !ontap.IsNotFound(err) {
		return fmt.Errorf("deleting the %s service of SVM %s: %w", protocol, svm.Name, err)
	}
	return nil
}
