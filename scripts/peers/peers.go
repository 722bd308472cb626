// Libraries of Go of the same trade, timed as ours are: the median of five loops.
package main

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/cenkalti/backoff"
	lru "github.com/hashicorp/golang-lru"
	"github.com/jackc/puddle"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

func main() {
	caches()
	pools()
	limits()
	counters()
	breakers()
}

const loops = 5

// What a loop takes at least.
const loopTime = 20 * time.Millisecond

// measure prints the median nanoseconds of one repetition of work.
func measure(id, library string, work func(count int)) {
	count := 256
	for elapsed(count, work) < loopTime {
		count *= 2
	}
	values := make([]float64, loops)
	for i := range values {
		values[i] = float64(elapsed(count, work)) / float64(count)
	}
	sort.Float64s(values)
	fmt.Printf("%s\t%s\t%.2f\n", id, library, values[loops/2])
}

func elapsed(count int, work func(count int)) time.Duration {
	start := time.Now()
	work(count)
	return time.Since(start)
}

func must(isTrue bool, what string) {
	if !isTrue {
		panic("not as it should be: " + what)
	}
}

type key struct{ method, params string }

func keys(count int) []key {
	all := make([]key, count)
	for i := range all {
		all[i] = key{"resources/read", fmt.Sprintf(`{"uri":"file:///pages/%d"}`, i)}
	}
	return all
}

func caches() {
	const library = "golang-lru 0.5.4"
	all := keys(200)
	measure("golang-lru", library, func(count int) {
		cache, _ := lru.New(100)
		for _, k := range all[:100] {
			cache.Add(k, "{}")
		}
		for i := 0; i < count; i++ {
			_, found := cache.Get(all[i%100])
			must(found, "a hit")
		}
	})
	measure("golang-lru-add", library, func(count int) {
		cache, _ := lru.New(100)
		for i := 0; i < count; i++ {
			cache.Add(all[i%200], "{}")
		}
	})
}

func pools() {
	ctx := context.Background()
	make := func(context.Context) (interface{}, error) { return 1, nil }
	pool := puddle.NewPool(make, func(interface{}) {}, 10)
	held := []*puddle.Resource{}
	for i := 0; i < 10; i++ {
		resource, err := pool.Acquire(ctx)
		must(err == nil, "a resource")
		held = append(held, resource)
	}
	for _, resource := range held {
		resource.Release()
	}
	measure("puddle", "puddle 1.2.1", func(count int) {
		for i := 0; i < count; i++ {
			resource, err := pool.Acquire(ctx)
			must(err == nil, "a resource")
			resource.Release()
		}
	})
}

func limits() {
	ctx := context.Background()
	places := semaphore.NewWeighted(10)
	measure("semaphore", "x/sync 0.1.0", func(count int) {
		for i := 0; i < count; i++ {
			must(places.Acquire(ctx, 1) == nil, "a place")
			places.Release(1)
		}
	})
	limiter := rate.NewLimiter(1e9, 1_000_000)
	measure("rate", "x/time 0.3.0", func(count int) {
		for i := 0; i < count; i++ {
			limiter.Allow()
		}
	})
	measure("backoff", "backoff 4.1.3, the delay alone", func(count int) {
		delays := backoff.NewExponentialBackOff()
		delays.MaxElapsedTime = 0
		for i := 0; i < count; i++ {
			must(delays.NextBackOff() > 0, "a delay")
		}
	})
}

func counters() {
	const library = "client_golang 1.14"
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "c"})
	measure("client_golang", library, func(count int) {
		for i := 0; i < count; i++ {
			counter.Inc()
		}
	})
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h"})
	measure("client_golang-histogram", library, func(count int) {
		for i := 0; i < count; i++ {
			histogram.Observe(float64(i&1023) / 1000)
		}
	})
}
