// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

const (
	// CredentialsName is the name of the Secret in the shoot that Trident logs in with. It is updated in place: Trident does
	// not notice one that is deleted and made again.
	CredentialsName = "ontap-svm-credentials"
	// backendName is the name of the TridentBackendConfig and of the backend that Trident makes of it.
	backendName = "ontap"

	// lifsAnnotation changes with the LIFs. Trident looks for them only when it makes its driver, which it does again when
	// the Secret is updated.
	lifsAnnotation = "ontap.extensions.gardener.cloud/lifs"
)

// drivers are Trident's names of drivers, and of the protocol where a driver has several.
var drivers = map[v1alpha1.Protocol]struct{ name, sanType string }{
	v1alpha1.ProtocolNVMe:  {"ontap-san", "nvme"},
	v1alpha1.ProtocolISCSI: {"ontap-san", "iscsi"},
	v1alpha1.ProtocolNFS:   {"ontap-nas", ""},
}

func credentials(content svm.ShootContent) *corev1.Secret {
	return &corev1.Secret{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: metav1.NamespaceSystem, Name: CredentialsName,
			Annotations: map[string]string{lifsAnnotation: hashOf(append(slices.Clone(content.DataLIFs), content.ManagementLIF))},
		},
		Type: corev1.SecretTypeOpaque,
		Data: map[string][]byte{"username": []byte(content.Credentials.Username()), "password": []byte(content.Credentials.Password())},
	}
}

// hashOf identifies a set of addresses.
func hashOf(addresses []netip.Addr) string {
	slices.SortFunc(addresses, netip.Addr.Compare)
	sum := sha256.New()
	for _, address := range addresses {
		sum.Write([]byte(address.String() + "\n"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// backendConfig names no SVM: the account sees only its own, and on the other half of a MetroCluster that has another name.
func backendConfig(content svm.ShootContent) *tridentv1.TridentBackendConfig {
	driver := drivers[content.Protocol]
	spec := tridentv1.TridentBackendConfigSpec{
		Version:           1,
		BackendName:       backendName,
		StorageDriverName: driver.name,
		SANType:           driver.sanType,
		ManagementLIF:     host(content.ManagementLIF),
		UseREST:           true,
		StoragePrefix:     storagePrefix(content.Identity),
		DeletionPolicy:    "delete",
		Credentials:       tridentv1.Credentials{Name: CredentialsName},
		Storage:           pools(content),
	}
	if content.Protocol == v1alpha1.ProtocolNFS {
		spec.DataLIF = host(content.DataLIFs[0])
		spec.AutoExportPolicy = true
	}
	for _, zone := range content.ReachableFrom {
		spec.SupportedTopologies = append(spec.SupportedTopologies, map[string]string{
			corev1.LabelTopologyRegion: content.Region, corev1.LabelTopologyZone: zone,
		})
	}
	return &tridentv1.TridentBackendConfig{
		TypeMeta:   metav1.TypeMeta{APIVersion: tridentv1.SchemeGroupVersion.String(), Kind: "TridentBackendConfig"},
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceSystem, Name: backendName},
		Spec:       spec,
	}
}

// storagePrefix starts with a letter, as Trident wants it, and tells the volumes of one shoot from those of another.
func storagePrefix(identity svm.Identity) string {
	first, _, _ := strings.Cut(identity.ShootUID, "-")
	return "s" + first + "_"
}

// host is an address as it stands in a URL.
func host(address netip.Addr) string {
	if address.Is6() {
		return "[" + address.String() + "]"
	}
	return address.String()
}
