// The Go side of the channel benchmark: the same four patterns as
// channels.ts, each line "name operations-per-CPU-second".
package main

import (
	"fmt"
	"syscall"
)

func cpuSeconds() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	seconds := func(t syscall.Timeval) float64 {
		return float64(t.Sec) + float64(t.Usec)/1e6
	}
	return seconds(usage.Utime) + seconds(usage.Stime)
}

func measure(name string, count int, work func(count int)) {
	start := cpuSeconds()
	work(count)
	fmt.Printf("%s %.0f\n", name, float64(count)/(cpuSeconds()-start))
}

func pingPong(count int) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for i := 0; i < count; i++ {
			pong <- <-ping
		}
	}()
	for i := 0; i < count; i++ {
		ping <- i
		<-pong
	}
}

func eight() [8]chan int {
	var channels [8]chan int
	for i := range channels {
		channels[i] = make(chan int)
	}
	return channels
}

func selectEight(c [8]chan int) {
	select {
	case <-c[0]:
	case <-c[1]:
	case <-c[2]:
	case <-c[3]:
	case <-c[4]:
	case <-c[5]:
	case <-c[6]:
	case <-c[7]:
	}
}

func selectReady(count int) {
	channels := eight()
	for _, channel := range channels {
		go func(channel chan int) {
			for {
				channel <- 1
			}
		}(channel)
	}
	for i := 0; i < count; i++ {
		selectEight(channels)
	}
}

func selectBlocked(count int) {
	channels, back := eight(), make(chan int)
	go func() {
		for i := 0; i < count; i++ {
			channels[i%8] <- i
			<-back
		}
	}()
	for i := 0; i < count; i++ {
		selectEight(channels)
		back <- i
	}
}

func drain(count int) {
	channel := make(chan int, 64)
	go func() {
		for i := 0; i < count; i++ {
			channel <- i
		}
	}()
	for received := 0; received < count; {
		<-channel
		received++
	more:
		for i := 0; i < 64; i++ {
			select {
			case <-channel:
				received++
			default:
				break more
			}
		}
	}
}

func main() {
	measure("ping-pong", 1000000, pingPong)
	measure("select-ready", 1000000, selectReady)
	measure("select-blocked", 1000000, selectBlocked)
	measure("drain", 10000000, drain)
}
