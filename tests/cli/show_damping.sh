#!/bin/sh
# show_damping.sh - what is told of a spring: damped below 1 it swings, above it does not
for ratio in 0.5 1 2; do
	belay-show --kernel --method spring --damping "$ratio" --half-life 100 \
		--time-list 0:1000:41 | grep -o '^damping *[a-z-]*'
done
