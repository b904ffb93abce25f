// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"errors"
	"net/http"
)

const (
	accountsPath  = "/security/accounts"
	accountPath   = "/security/accounts/{owner.uuid}/{name}"
	accountFields = "owner.uuid,name,comment,locked,role.name"
)

// AccountService reads and writes /security/accounts of SVMs. It has no call that sets the password of an existing
// account: accounts are replaced.
type AccountService struct{ client *Client }

// Account is a login of an SVM. ONTAP never returns its password.
type Account struct {
	SVMUUID string
	Name    string
	Comment string
	Role    string
	// Locked is nil for an account that has no password, since ONTAP then omits it.
	Locked *bool
}

// AccountCreate is a new account that may log in to the REST API with a password.
type AccountCreate struct {
	SVMUUID  string
	Name     string
	Role     string
	Comment  string
	Password Secret
}

// List returns the accounts that the SVM owns, including those that ONTAP made itself. It returns none for an SVM that
// does not exist.
func (s *AccountService) List(ctx context.Context, svmUUID string) ([]Account, error) {
	return listOfSVM[wireAccount](ctx, s.client, accountsPath, accountFields, svmUUID, nil)
}

// ListByComment returns the accounts of all SVMs whose comment matches an ONTAP query pattern.
func (s *AccountService) ListByComment(ctx context.Context, pattern string) ([]Account, error) {
	return list[wireAccount](ctx, s.client, accountsPath, accountFields, filter{"comment": pattern})
}

// Create makes an account. One of the same name is an error of [KindExists].
func (s *AccountService) Create(ctx context.Context, account AccountCreate) error {
	r := request{method: http.MethodPost, path: accountsPath, secret: account.Password}
	if account.SVMUUID == "" || account.Name == "" || account.Role == "" || account.Password.IsZero() {
		// Without an owner ONTAP would make a cluster account, and without a role one with the greatest role.
		return s.client.failure(r, KindInvalid, errors.New("an account needs an SVM, a name, a role and a password"))
	}
	r.body = wireAccount{
		Owner:        wireUUID{account.SVMUUID},
		Name:         account.Name,
		Role:         wireName{account.Role},
		Applications: []wireApplication{{Application: "http", AuthenticationMethods: []string{"password"}}},
		Password:     account.Password.Reveal(),
		Comment:      account.Comment,
	}
	return s.client.settle(ctx, r)
}

// SetComment replaces the comment of an account, and nothing else of it, and returns what is there afterwards.
func (s *AccountService) SetComment(ctx context.Context, svmUUID, name, comment string) (Account, error) {
	if err := s.modify(ctx, svmUUID, name, map[string]any{"comment": comment}); err != nil {
		return Account{}, err
	}
	return s.Get(ctx, svmUUID, name)
}

// SetLocked locks or unlocks an account.
func (s *AccountService) SetLocked(ctx context.Context, svmUUID, name string, locked bool) error {
	return s.modify(ctx, svmUUID, name, map[string]any{"locked": locked})
}

func (s *AccountService) modify(ctx context.Context, svmUUID, name string, body map[string]any) error {
	return s.client.settle(ctx, request{method: http.MethodPatch, path: accountPath, keys: []string{svmUUID, name}, body: body})
}

// Get returns an account, or an error of [KindNotFound].
func (s *AccountService) Get(ctx context.Context, svmUUID, name string) (Account, error) {
	r := request{path: accountPath, keys: []string{svmUUID, name}, query: "fields=" + accountFields}
	return get[wireAccount](ctx, s.client, r, func(a Account) bool { return a.SVMUUID == svmUUID && a.Name == name }, "the answer is not about this account")
}

// Delete deletes an account. An absent one is an error of [KindNotFound].
func (s *AccountService) Delete(ctx context.Context, svmUUID, name string) error {
	return s.client.settle(ctx, request{method: http.MethodDelete, path: accountPath, keys: []string{svmUUID, name}})
}

type wireAccount struct {
	Owner        wireUUID          `json:"owner"`
	Name         string            `json:"name"`
	Role         wireName          `json:"role"`
	Applications []wireApplication `json:"applications,omitempty"`
	Password     string            `json:"password,omitempty"`
	Comment      string            `json:"comment,omitempty"`
	Locked       *bool             `json:"locked,omitempty"`
}

func (w wireAccount) owner() (field, svmUUID string) { return "owner.uuid", w.Owner.UUID }

func (w wireAccount) read() Account {
	return Account{SVMUUID: w.Owner.UUID, Name: w.Name, Comment: w.Comment, Role: w.Role.Name, Locked: w.Locked}
}

type wireApplication struct {
	Application           string   `json:"application"`
	AuthenticationMethods []string `json:"authentication_methods"`
}
