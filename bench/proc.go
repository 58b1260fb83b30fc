package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tree returns pid and all its descendants that live.
func tree(pid int) []int {
	pids := []int{pid}
	for i := 0; i < len(pids); i++ {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pids[i]))
		for _, name := range tasks {
			raw, _ := os.ReadFile(name)
			for _, field := range strings.Fields(string(raw)) {
				if child, err := strconv.Atoi(field); err == nil {
					pids = append(pids, child)
				}
			}
		}
	}
	return pids
}

// cpuTime returns the CPU time of a process tree's living threads. The scheduler
// counts it in nanoseconds, where /proc/PID/stat has hundredths of a second.
func cpuTime(pid int) time.Duration {
	sum := int64(0)
	for _, p := range tree(pid) {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p))
		for _, name := range tasks {
			raw, _ := os.ReadFile(name)
			first, _, _ := strings.Cut(string(raw), " ")
			n, _ := strconv.ParseInt(first, 10, 64)
			sum += n
		}
	}
	return time.Duration(sum)
}

// pss returns a process tree's proportional set size in bytes: its own memory and
// its share of what it shares.
func pss(pid int) int64 {
	sum := int64(0)
	for _, p := range tree(pid) {
		raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p))
		for line := range strings.Lines(string(raw)) {
			if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "Pss:" {
				kb, _ := strconv.ParseInt(fields[1], 10, 64)
				sum += kb << 10
			}
		}
	}
	return sum
}

// loadAverage is how many threads wanted to run in the last minute; 0 when unknown.
func loadAverage() float64 {
	raw, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(raw), " ")
	n, _ := strconv.ParseFloat(first, 64)
	return n
}
