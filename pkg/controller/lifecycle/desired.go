// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"errors"
	"fmt"

	extensionscontroller "github.com/gardener/gardener/extensions/pkg/controller"
	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

var providerConfigPath = field.NewPath("spec", "providerConfig")

// desired reads what the SVM should be. A providerConfig that is not valid is the shoot owner's to mend, and nothing is
// changed before.
func (a *Actuator) desired(ctx context.Context, extension *extensionsv1alpha1.Extension) (svm.Desired, error) {
	cluster, err := a.cluster(ctx, extension)
	if err != nil {
		return svm.Desired{}, err
	}
	return DesiredOf(a.options.Config, extension, cluster)
}

func (a *Actuator) cluster(ctx context.Context, extension *extensionsv1alpha1.Extension) (*extensionscontroller.Cluster, error) {
	cluster, err := extensionscontroller.GetCluster(ctx, a.options.Reader, extension.Namespace)
	if err != nil {
		return nil, fmt.Errorf("reading Cluster %s: %w", extension.Namespace, err)
	}
	return cluster, nil
}

// DesiredOf is what the SVM of a shoot should be. The error of a providerConfig that is not valid has Gardener's code for a
// configuration problem.
func DesiredOf(config *configv1alpha1.ControllerConfiguration, extension *extensionsv1alpha1.Extension, cluster *extensionscontroller.Cluster) (svm.Desired, error) {
	desired, err := identity(config, extension, cluster)
	if err != nil {
		return svm.Desired{}, err
	}
	desired.Wishes, err = wishes(config, extension, cluster.Shoot)
	return desired, err
}

// wishes reads and validates the providerConfig, as far as that can be done without ONTAP.
func wishes(operator *configv1alpha1.ControllerConfiguration, extension *extensionsv1alpha1.Extension, shoot *gardencorev1beta1.Shoot) (svm.Wishes, error) {
	status := ontapv1alpha1.SVMStatus{}
	if err := decode("providerStatus", extension.Status.ProviderStatus, &status, kindOfStatus); err != nil {
		return svm.Wishes{}, err
	}
	var raw []byte
	if extension.Spec.ProviderConfig != nil {
		raw = extension.Spec.ProviderConfig.Raw
	}
	config, err := ontapv1alpha1.DecodeSVMConfig(raw)
	if err != nil {
		return svm.Wishes{}, misconfigured(fmt.Errorf("%s: %w", providerConfigPath, err))
	}
	errs := operator.ValidateSVMConfig(config, status.Cluster, status.Protocol, providerConfigPath)
	errs = append(errs, ontapv1alpha1.ValidateWorkerPools(config.Workers, workerPools(shoot), providerConfigPath.Child("workers"))...)
	if len(errs) > 0 {
		return svm.Wishes{}, misconfigured(errs.ToAggregate())
	}
	limits := operator.Limits.Resolve(config.Limits)
	capacity, capacityErr := limits.CapacityBytes()
	managementLIF, dataLIFs, addressErr := config.Addresses()
	return svm.Wishes{
		ManagementLIF:     managementLIF,
		DataLIFs:          dataLIFs,
		Protocol:          config.Protocol,
		Workers:           config.Workers,
		Limits:            svm.Limits{StorageBytes: capacity, Volumes: limits.Volumes, MaxIOPS: limits.IOPS, MaxMBps: limits.MBps},
		StorageClasses:    config.StorageClasses,
		SnapshotClass:     snapshotClass(config, shoot.Spec.Provider.Type),
		CorrectAdminState: operator.DriftCorrection.AdminState,
	}, errors.Join(capacityErr, addressErr)
}

func workerPools(shoot *gardencorev1beta1.Shoot) sets.Set[string] {
	names := sets.New[string]()
	for _, worker := range shoot.Spec.Provider.Workers {
		names.Insert(worker.Name)
	}
	return names
}

// withSnapshots are the infrastructure providers whose extensions bring the API snapshot.storage.k8s.io and its controller.
var withSnapshots = sets.New("alicloud", "aws", "azure", "gcp", "openstack")

func snapshotClass(config *ontapv1alpha1.SVMConfig, provider string) bool {
	if config.SnapshotClass != nil {
		return config.SnapshotClass.Enabled
	}
	return withSnapshots.Has(provider)
}

// misconfigured is the error of what only the owner of the shoot can mend.
func misconfigured(err error) error {
	return v1beta1helper.NewErrorWithCodes(err, gardencorev1beta1.ErrorConfigurationProblem)
}

// identity is whose SVM it is, and what state the shoot is in.
func identity(config *configv1alpha1.ControllerConfiguration, extension *extensionsv1alpha1.Extension, cluster *extensionscontroller.Cluster) (svm.Desired, error) {
	shoot, seed := cluster.Shoot, cluster.Seed
	if shoot == nil || seed == nil || shoot.Status.UID == "" || shoot.Status.TechnicalID == "" {
		return svm.Desired{}, fmt.Errorf("the Cluster %s has no shoot with status.uid and status.technicalID, or no seed", extension.Namespace)
	}
	return svm.Desired{
		Identity: svm.Identity{
			Namespace:      extension.Namespace,
			ShootName:      shoot.Name,
			ShootUID:       string(shoot.Status.UID),
			TechnicalID:    shoot.Status.TechnicalID,
			GardenIdentity: config.GardenIdentity,
			SeedName:       seed.Name,
		},
		Site: svm.Site{
			Region: shoot.Spec.Region, Zones: zones(shoot), IPv6: ipv6(shoot), Provider: shoot.Spec.Provider.Type,
			VerticalPodAutoscaler: v1beta1helper.ShootWantsVerticalPodAutoscaler(shoot),
		},
		CARotation:      caRotation(shoot),
		Paused:          paused(extension),
		ConfirmPathLoss: extension.Annotations[confirmPathLoss] == "true",
		ShootDeleting:   shoot.DeletionTimestamp != nil || v1beta1helper.ShootNeedsForceDeletion(shoot),
		RecoveryQueue:   config.RecoveryQueue,
		Forced:          v1beta1helper.ShootNeedsForceDeletion(shoot),
		Hibernated:      extensionscontroller.IsHibernationEnabled(cluster),
	}, nil
}

func paused(extension *extensionsv1alpha1.Extension) bool {
	return extension.Annotations[ontapv1alpha1.AnnotationPaused] == "true"
}

// ipv6 tells whether the first IP family of a shoot, that of its Services, is IPv6.
func ipv6(shoot *gardencorev1beta1.Shoot) bool {
	networking := shoot.Spec.Networking
	return networking != nil && len(networking.IPFamilies) > 0 && networking.IPFamilies[0] == gardencorev1beta1.IPFamilyIPv6
}

func caRotation(shoot *gardencorev1beta1.Shoot) *gardencorev1beta1.CARotation {
	if credentials := shoot.Status.Credentials; credentials != nil && credentials.Rotation != nil {
		return credentials.Rotation.CertificateAuthorities
	}
	return nil
}

// zones are those of all worker pools.
func zones(shoot *gardencorev1beta1.Shoot) []string {
	all := sets.New[string]()
	for _, worker := range shoot.Spec.Provider.Workers {
		all.Insert(worker.Zones...)
	}
	return sets.List(all)
}
