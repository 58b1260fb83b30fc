// Package tree is the engine of the configuration: it reads a file of YAML, or one object
// of JSON, into whatever sections are made of codecs, tells everything that is wrong with
// it by place and path, and never shows what a key or a reference stands for. It prints
// what was read and describes it by JSON Schema. What the settings are it does not know.
package tree
