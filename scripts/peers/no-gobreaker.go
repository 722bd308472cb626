//go:build !gobreaker

package main

// Without the library there is nothing to time.
func breakers() {}
