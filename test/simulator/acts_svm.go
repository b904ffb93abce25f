// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"crypto/rand"
	"errors"
	"fmt"
)

// rename gives an SVM another name, under which everything in it goes from then on.
func (c *cluster) rename(v *svm, name string) error {
	if failed := c.nameTaken(name); failed != nil {
		return errors.New(failed.message)
	}
	v.name = name
	for _, l := range c.net.lifsOf(v.uuid) {
		l.svmName = name
	}
	for _, a := range c.accountsOf(v.uuid) {
		a.ownerName = name
	}
	return nil
}

func (c *cluster) actOnAccount(v *svm, act Act) error {
	a := c.accounts[accountKey{v.uuid, act.Name}]
	if exists := a != nil; exists == (act.Kind == AddAccount) {
		return fmt.Errorf("whether there is an account %q: %t", act.Name, exists)
	}
	switch act.Kind {
	case LockAccount:
		a.locked = true
	case RemoveAccount:
		delete(c.accounts, a.key())
	case RemovePassword:
		a.password = ""
	case SetAccountComment:
		a.comment = act.Value
	case SetAccountPassword:
		a.password = act.Value
	case AddAccount:
		c.addAccount(&account{
			ownerUUID: v.uuid, ownerName: v.name, name: act.Name, role: builtInAccount, password: rand.Text(), comment: act.Value,
		})
	default:
		return errors.New("it is not about an account")
	}
	return nil
}
