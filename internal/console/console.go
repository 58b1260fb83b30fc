// Package console makes what programs say fit for a terminal: tables of 80 columns,
// numbers as people read them, text that steers nothing, and JSON and CSV beside.
package console
