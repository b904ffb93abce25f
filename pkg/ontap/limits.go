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

// LimitsChange is from the limits that there are to those that there should be.
type LimitsChange struct{ From, To Limits }

// unlimitedVolumes is how ONTAP writes that there is no limit to the number of volumes.
const unlimitedVolumes = "unlimited"

// wireLimits are the fields of an SVM that hold its limits.
type wireLimits struct {
	MaxVolumes string      `json:"max_volumes"`
	Storage    wireStorage `json:"storage"`
	QoS        wireQoS     `json:"qos_policy"`
}

type wireStorage struct {
	Limit int64 `json:"limit"`
	// Allocated is only read.
	Allocated int64 `json:"allocated,omitempty"`
}

type wireQoS struct {
	MaxIOPS int32 `json:"max_throughput_iops"`
	MaxMBps int32 `json:"max_throughput_mbps"`
}

// read returns what ONTAP shows; it leaves out what is not limited.
func (w wireLimits) read() Limits {
	limits := Limits{StorageBytes: w.Storage.Limit, MaxIOPS: w.QoS.MaxIOPS, MaxMBps: w.QoS.MaxMBps}
	if volumes, err := strconv.ParseInt(w.MaxVolumes, 10, 32); err == nil {
		limits.Volumes = int32(volumes)
	}
	return limits
}

// into puts what changes among the fields of an SVM. To write no throughput where there was none would cost the SVM a QoS
// policy group that somebody gave it.
func (c LimitsChange) into(fields map[string]any) {
	if c.To.Volumes != c.From.Volumes {
		fields["max_volumes"] = unlimitedVolumes
		if c.To.Volumes > 0 {
			fields["max_volumes"] = strconv.Itoa(int(c.To.Volumes))
		}
	}
	if c.To.StorageBytes != c.From.StorageBytes {
		fields["storage"] = wireStorage{Limit: c.To.StorageBytes}
	}
	if c.To.MaxIOPS != c.From.MaxIOPS || c.To.MaxMBps != c.From.MaxMBps {
		fields["qos_policy"] = wireQoS{c.To.MaxIOPS, c.To.MaxMBps}
	}
}
