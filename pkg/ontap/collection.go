// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// pageSize is what a client should ask for at most; ONTAP may return less.
const pageSize = "1000"

// page is the envelope of a collection. Records is nil only if the answer has none, which is not the same as no records.
type page[T any] struct {
	Records *[]T `json:"records"`
	Links   struct {
		Next struct {
			Href string `json:"href"`
		} `json:"next"`
	} `json:"_links"`
	Error *wireError `json:"error"`
}

// list reads all pages of the collection at path. It returns all records or an error, which is never of KindNotFound: a
// collection exists as long as ONTAP answers.
func list[T any](ctx context.Context, c *Client, path string, query url.Values) ([]T, error) {
	query.Set("max_records", pageSize)
	r := request{method: http.MethodGet, path: path, query: encode(query)}
	var records []T
	for seen := map[string]bool{}; ; {
		seen[r.query] = true
		var p page[T]
		status, err := c.call(ctx, r, &p)
		if e, ok := errors.AsType[*Error](err); ok && e.Kind == KindNotFound {
			e.Kind = KindUnavailable
		}
		switch {
		case err != nil:
			return nil, err
		case p.Error != nil:
			return nil, c.unintelligible(r, status, fmt.Errorf("a partial answer: %s", p.Error.Message))
		case p.Records == nil:
			return nil, c.unintelligible(r, status, errors.New("the answer has no records"))
		}
		records = append(records, *p.Records...)
		if p.Links.Next.Href == "" {
			return records, nil
		}
		if r.query, err = nextQuery(path, p.Links.Next.Href); err != nil {
			return nil, c.unintelligible(r, status, err)
		}
		if seen[r.query] {
			return nil, c.unintelligible(r, status, errors.New("the pages go round in a circle"))
		}
	}
}

// ofSVM is the part of a record by which it belongs to an SVM.
type ofSVM struct {
	SVM wireUUID `json:"svm"`
}

func (o ofSVM) owner() string { return o.SVM.UUID }

// listOfSVM reads the records of one SVM, with svm.uuid among their fields. A server that ignores the filter must not pass
// what is another SVM's for its own, nor may a record that does not say whose it is.
func listOfSVM[T interface{ owner() string }](ctx context.Context, c *Client, path, svmUUID string, query url.Values) ([]T, error) {
	r := request{method: http.MethodGet, path: path}
	if svmUUID == "" {
		return nil, c.failure(r, KindInvalid, errNoSVM)
	}
	query.Set("svm.uuid", exact(svmUUID))
	records, err := list[T](ctx, c, path, query)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(records, func(one T) bool { return one.owner() == "" }) {
		return nil, c.unintelligible(r, http.StatusOK, errors.New("a record does not say which SVM it belongs to"))
	}
	return slices.DeleteFunc(records, func(one T) bool { return one.owner() != svmUUID }), nil
}

// nextQuery takes the query alone from a link, after making sure that it leads to this collection of this server.
func nextQuery(path, link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "" || u.Host != "" || strings.TrimSuffix(u.Path, "/") != "/api"+path {
		return "", errors.New("the link to the next page leads elsewhere")
	}
	return u.RawQuery, nil
}

// encode writes a space as %20, since ONTAP does not promise to read a plus sign as one.
func encode(query url.Values) string {
	return strings.ReplaceAll(query.Encode(), "+", "%20")
}

// exact quotes a value of a query that ONTAP would otherwise read as a pattern, a list, a range or a comparison. ONTAP
// has no way to quote a quotation mark; no name contains one.
func exact(value string) string {
	if strings.ContainsAny(value, "*|,!<>{} ") || strings.Contains(value, "..") {
		return `"` + value + `"`
	}
	return value
}
