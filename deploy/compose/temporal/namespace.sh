#!/bin/sh
# Makes the namespace that TEMPORAL_NAMESPACE names, once; closed runs are kept for 30 days.
set -eu
tries=0
until temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; do
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d && break
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || exit 1
    sleep 2
done
