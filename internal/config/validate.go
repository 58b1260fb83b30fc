package config

import (
	"fmt"
	"strings"

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
	d.checkPortal(&c.Portal)
	d.checkAzureTables(&c.AzureTables)
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
