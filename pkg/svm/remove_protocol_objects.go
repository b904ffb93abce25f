// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"

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
		if !svm.Protocols[protocol].Enabled && protocols[s.record.Status.Protocol].name != protocol {
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
	hosts, kind := cluster.Subsystems, "subsystem"
	switch protocol {
	case "iscsi":
		hosts, kind = cluster.Igroups, "igroup"
	case "nfs":
		return nil
	}
	groups, err := hosts.List(ctx, svm.UUID)
	if err != nil {
		return doing(err, "listing the %ss of SVM %s", kind, svm.Name)
	}
	for _, group := range groups {
		if err := ontap.IgnoreNotFound(hosts.Delete(ctx, group.UUID)); err != nil {
			return doing(err, "deleting %s %s of SVM %s", kind, group.Name, svm.Name)
		}
	}
	return nil
}

func removeService(ctx context.Context, cluster Cluster, protocol string, svm *Located) error {
	if err := cluster.Protocols.SetEnabled(ctx, protocol, svm.UUID, false); err != nil {
		return doing(ontap.IgnoreNotFound(err), "switching %s of SVM %s off", protocol, svm.Name)
	}
	err := ontap.IgnoreNotFound(cluster.Protocols.DeleteService(ctx, protocol, svm.UUID))
	return doing(err, "deleting the %s service of SVM %s", protocol, svm.Name)
}
