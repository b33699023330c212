#!/bin/sh
# nightly.toml and all that it names are in /srv/vdoc. Build the image first: docker build -t vdoc .
set -eu

# Every station at its time of day, also after a reboot of the machine. `docker stop` ends a run in
# order: it has two minutes to seal its evidence.
docker run --detach --name vdoc-nightly --restart unless-stopped --init --stop-timeout 120 \
    --network host --user "$(id -u):$(id -g)" --env TZ=Europe/Berlin \
    --volume /srv/vdoc:/work vdoc nightly watch

# Or all stations now, once:
#   docker run --rm --init --network host --user "$(id -u):$(id -g)" --volume /srv/vdoc:/work \
#       vdoc nightly run

# The pages, on http://127.0.0.1:8800/ of this machine:
#   docker run --rm --init --network host --user "$(id -u):$(id -g)" --volume /srv/vdoc:/work \
#       vdoc nightly serve
