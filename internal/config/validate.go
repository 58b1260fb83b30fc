package config

import (
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// check reports what is wrong with settings that were read one by one but do not
// hold together. It goes on after problems of reading, and takes care not to
// report their consequences.
func (d *reading) check(c *Config) {
	if fault := addressFault(c.Listen); fault != "" {
		d.WrongAt("listen", "", "%s", fault)
	}
	d.checkAdmin(&c.Admin)
	if c.Data == "" || strings.ContainsRune(c.Data, 0) {
		d.WrongAt("data", "", "is not a directory's path")
	}
	if c.TLS != nil {
		d.checkTLS(c.TLS)
	}
	if c.Cooldown.Default > c.Cooldown.Max {
		d.WrongAt("cooldown", "", "default %s is longer than max %s", tree.FormatDuration(c.Cooldown.Default), tree.FormatDuration(c.Cooldown.Max))
	}
	d.checkBodies(c)
	d.checkResources(c.Resources)
	d.checkPassthrough(c)
	k := d.known(c)
	d.checkModels(c.Models, &k.models)
	d.checkShares(c.Models, &k.groups)
	d.checkGroups(c)
	d.checkCallers(c.Callers, &k.models)
	d.checkEventList(c.Events, k)
	d.noteNames(c.Events)
	d.checkSignIn(c.SignIn)
	d.checkPublicURL(c)
	if c.AzureTables.Every > 10*time.Minute {
		d.WrongAt("azure_tables.every", "", "is longer than 10m, within which the event proxy promises to see a change")
	}
	d.checkLimits(c, k)
	for _, p := range d.perModel {
		d.checkPerModel(p, &k.models)
	}
	d.checkPrices(&c.Prices, c.Currency)
	d.checkAlerts(&c.Alerts)
	if len(c.Callers) == 0 && d.Sound("callers") && len(c.Events) == 0 && c.AzureTables.Connection == "" {
		d.Note("callers", "there are no callers: only people of events that are made later get in", "")
	}
}

// leastBodyMemory is the least that body_memory can be, in bytes: a quarter of it is the
// largest JSON body.
const leastBodyMemory = 4_000_000

func (d *reading) checkBodies(c *Config) {
	if c.BodyMemory < leastBodyMemory {
		d.WrongAt("body_memory", "", "must be at least 4MB")
	}
	if c.MaxBody > max(Default().MaxBody, c.BodyMemory/4) {
		d.Note("max_body", fmt.Sprintf("JSON bodies over %dMB, a quarter of body_memory, are refused all the same", c.BodyMemory/4_000_000),
			fmt.Sprintf("body_memory would have to be %dMB", 4*(c.MaxBody/1_000_000+1)))
	}
}

func (d *reading) checkAdmin(a *Admin) {
	if a.Listen == "" {
		return
	}
	if fault := addressFault(a.Listen); fault != "" {
		d.WrongAt("admin.listen", "leave it empty to turn it off", "%s", fault)
		return
	}
	host, _, _ := net.SplitHostPort(a.Listen)
	if a.Key == "" && !loopback(host) && d.Sound("admin") {
		d.WrongAt("admin.listen", "set admin.key, or listen on 127.0.0.1", "can be reached from other machines without a key")
	}
}

// checkTLS checks that there is one way to prove ourselves, and that its files
// can be read.
func (d *reading) checkTLS(t *TLS) {
	files := d.Has("tls.cert") || d.Has("tls.key")
	switch {
	case t.SelfSigned && files:
		d.WrongAt("tls.self_signed", "keep one of them", "there are both a certificate and self_signed")
	case !t.SelfSigned && d.Has("tls.hosts"):
		d.WrongAt("tls.hosts", "", "hosts are for self_signed: true; a certificate of your own names its hosts itself")
	case !t.SelfSigned && !(d.Has("tls.cert") && d.Has("tls.key")) && d.Sound("tls"):
		d.WrongAt("tls", "or self_signed: true for development", "needs both cert and key")
	}
	for _, f := range []struct{ path, file string }{{"tls.cert", t.Cert}, {"tls.key", t.Key}} {
		if f.file == "" {
			continue
		}
		if _, err := d.Open(f.file); err != nil {
			d.WrongAt(f.path, "", "the file %s %s", d.Quote(f.path, f.file), tree.FileFault(err))
		}
	}
}

func (d *reading) checkPassthrough(c *Config) {
	if !d.Has("passthrough.resource") || len(c.Resources) == 0 {
		return
	}
	names := make([]string, len(c.Resources))
	for i, r := range c.Resources {
		if names[i] = r.Name; r.Name == c.Passthrough.Resource || r.Name == "" {
			return
		}
	}
	if c.Passthrough.Resource != "" || d.Sound("passthrough") {
		d.WrongAt("passthrough.resource", suggest(c.Passthrough.Resource, names), "there is no resource of this name")
	}
}
