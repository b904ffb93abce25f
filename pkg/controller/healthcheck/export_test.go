// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package healthcheck

// Between decides which events of Extensions begin checks.
var Between = between
