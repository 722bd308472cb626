//go:build gobreaker

package main

import (
	"errors"

	"github.com/sony/gobreaker/v2"
)

func breakers() {
	const library = "gobreaker 2"
	work := func() (int, error) { return 1, nil }
	closed := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{})
	measure("gobreaker", library, func(count int) {
		for i := 0; i < count; i++ {
			_, err := closed.Execute(work)
			must(err == nil, "a success")
		}
	})
	open := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{})
	for i := 0; i < 6; i++ {
		open.Execute(func() (int, error) { return 0, errors.New("503") })
	}
	measure("gobreaker-open", library, func(count int) {
		for i := 0; i < count; i++ {
			_, err := open.Execute(work)
			must(err != nil, "a rejection")
		}
	})
}
