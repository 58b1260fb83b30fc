// Package listing prints what commands show: usage, limits, prices, events, attendees,
// the status of a gateway, plans and loads. People get tables that fit a terminal and
// lose no figure; programs get all of it as JSON or CSV.
package listing
