// Package remark says of a configuration that is right what it will do and may not be
// meant to.
package remark
