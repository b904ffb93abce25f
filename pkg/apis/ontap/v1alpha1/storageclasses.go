// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"slices"
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxClassName is less than Kubernetes allows: classes are kept in the seed as entries of a Secret, whose names have to say more.
const maxClassName = 200

func validateStorageClasses(config *SVMConfig, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	names, defaults := sets.New[string](), 0
	for i, class := range config.StorageClasses {
		errs = append(errs, validateStorageClass(class, path.Index(i))...)
		if config.Protocol == ProtocolNFS {
			errs = append(errs, validateWithoutBlocks(class, path.Index(i))...)
		}
		if names.Has(class.Name) {
			errs = append(errs, field.Duplicate(path.Index(i).Child("name"), class.Name))
		}
		names.Insert(class.Name)
		if class.Default {
			if defaults++; defaults > 1 {
				errs = append(errs, field.Invalid(path.Index(i).Child("default"), true, "only one storage class can be the default"))
			}
		}
	}
	return errs
}

func validateStorageClass(class StorageClass, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, problem := range validation.IsDNS1123Subdomain(class.Name) {
		errs = append(errs, field.Invalid(path.Child("name"), class.Name, problem))
	}
	if len(class.Name) > maxClassName {
		errs = append(errs, field.TooLong(path.Child("name"), class.Name, maxClassName))
	}
	errs = append(errs, oneOf(path.Child("fileSystem"), class.FileSystem, FileSystemExt4, FileSystemXFS)...)
	errs = append(errs, oneOf(path.Child("reclaimPolicy"), class.ReclaimPolicy,
		corev1.PersistentVolumeReclaimDelete, corev1.PersistentVolumeReclaimRetain)...)
	errs = append(errs, oneOf(path.Child("volumeBindingMode"), class.VolumeBindingMode,
		storagev1.VolumeBindingImmediate, storagev1.VolumeBindingWaitForFirstConsumer)...)
	for i, option := range class.MountOptions {
		switch at := path.Child("mountOptions").Index(i); {
		case option == "" || strings.ContainsFunc(option, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }):
			errs = append(errs, field.Invalid(at, option, "must be one mount option, such as noatime, without spaces and commas"))
		case slices.Contains(class.MountOptions[:i], option):
			errs = append(errs, field.Duplicate(at, option))
		}
	}
	return errs
}

// validateWithoutBlocks refuses what nodes do to block devices.
func validateWithoutBlocks(class StorageClass, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if class.Encrypted {
		errs = append(errs, field.Invalid(path.Child("encrypted"), true, "LUKS encrypts block devices, and the protocol is NFS"))
	}
	if class.FileSystem != "" {
		errs = append(errs, field.Invalid(path.Child("fileSystem"), class.FileSystem, "nodes format block devices, and the protocol is NFS"))
	}
	return errs
}

// oneOf allows for some values, and for none, which is the default.
func oneOf[T ~string](path *field.Path, value T, allowed ...T) field.ErrorList {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return field.ErrorList{field.NotSupported(path, value, allowed)}
}
