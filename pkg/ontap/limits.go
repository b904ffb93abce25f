// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import "strconv"

// Limits bound what an SVM may use; 0 is no limit.
type Limits struct {
	// StorageBytes bounds the size of all volumes together.
	StorageBytes int64
	// Volumes bounds their number.
	Volumes int32
	// MaxIOPS and MaxMBps bound the throughput, in operations and in megabytes per second.
	MaxIOPS, MaxMBps int32
}

// unlimitedVolumes is how ONTAP writes that there is no limit to the number of volumes.
const unlimitedVolumes = "unlimited"

// wireLimits are the fields of an SVM that hold its limits.
type wireLimits struct {
	MaxVolumes string       `json:"max_volumes,omitempty"`
	Storage    *wireStorage `json:"storage,omitempty"`
	QoS        *wireQoS     `json:"qos_policy,omitempty"`
}

type wireStorage struct {
	Limit int64 `json:"limit"`
}

type wireQoS struct {
	MaxIOPS int32 `json:"max_throughput_iops"`
	MaxMBps int32 `json:"max_throughput_mbps"`
}

// read returns what ONTAP shows; it leaves out what is not limited.
func (w wireLimits) read() Limits {
	limits := Limits{}
	if volumes, err := strconv.ParseInt(w.MaxVolumes, 10, 32); err == nil {
		limits.Volumes = int32(volumes)
	}
	if w.Storage != nil {
		limits.StorageBytes = w.Storage.Limit
	}
	if w.QoS != nil {
		limits.MaxIOPS, limits.MaxMBps = w.QoS.MaxIOPS, w.QoS.MaxMBps
	}
	return limits
}

// write returns all limits, also those that are to be taken away.
func (l Limits) write() wireLimits {
	w := wireLimits{MaxVolumes: unlimitedVolumes, Storage: &wireStorage{l.StorageBytes}, QoS: &wireQoS{l.MaxIOPS, l.MaxMBps}}
	if l.Volumes > 0 {
		w.MaxVolumes = strconv.Itoa(int(l.Volumes))
	}
	return w
}

// writeSet returns the limits that there are.
func (l Limits) writeSet() wireLimits {
	w := wireLimits{}
	all := l.write()
	if l.Volumes > 0 {
		w.MaxVolumes = all.MaxVolumes
	}
	if l.StorageBytes > 0 {
		w.Storage = all.Storage
	}
	if l.MaxIOPS > 0 || l.MaxMBps > 0 {
		w.QoS = all.QoS
	}
	return w
}

// into puts the limits among the fields of an SVM.
func (w wireLimits) into(fields map[string]any) {
	if w.MaxVolumes != "" {
		fields["max_volumes"] = w.MaxVolumes
	}
	if w.Storage != nil {
		fields["storage"] = w.Storage
	}
	if w.QoS != nil {
		fields["qos_policy"] = w.QoS
	}
}
