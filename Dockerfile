# `docker build -t qr-login .` compiles everything, from a clean clone: 15 to 30 minutes the first time.
# With BINARY=prebuilt the context has nothing but the file `qr-login`, as scripts/container.sh and the releases make it. A
# binary that is not static needs a base whose C library is not older than the one that it was linked to.
ARG BINARY=compiled
ARG BASE=docker.io/library/debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f
ARG NODE=docker.io/library/node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe
ARG RUST=docker.io/library/rust:1.98-slim-trixie@sha256:8ce659250d9f7783105e69af45d78c0b2308bf78bd5640182986944efe3a4579

FROM $NODE AS node

FROM $RUST AS compiled
COPY --from=node /usr/local/bin/node /usr/local/bin/
COPY --from=node /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /build
ENV QR_LOGIN_TOOLS=/opt/qr-login-tools
# The tools alone, so that they are kept when the sources change.
COPY Cargo.toml ./
COPY scripts scripts
RUN scripts/setup.sh
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target \
    scripts/build.sh && cp target/release/qr-login /qr-login

FROM scratch AS prebuilt
COPY qr-login /qr-login

FROM $BINARY AS binary

FROM $BASE

RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin qr-login \
 && install --directory --owner=qr-login --group=qr-login --mode=0700 /data

COPY --from=binary /qr-login /usr/local/bin/qr-login

# The database is the program's default in the working folder: with `serve --demo` it is another one.
ENV QR_LOGIN_ADDR=0.0.0.0:3000

# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /data
# The database, and beside it the key that signs the tokens.
VOLUME /data
EXPOSE 3000

# The base has no curl, but its bash opens sockets.
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s \
  CMD ["bash", "-c", "address=${QR_LOGIN_OPS_ADDR:-$QR_LOGIN_ADDR}; exec 3<>\"/dev/tcp/127.0.0.1/${address##*:}\" && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]

ENTRYPOINT ["qr-login"]
CMD ["serve"]
