# An image around one binary: `make build` first, then `docker build -t qr-login .`
# The binary needs nothing but the C library. One built on a newer system than Debian 12 needs a newer base, such as
# `--build-arg BASE=debian:trixie-slim`.
ARG BASE=debian:bookworm-slim
FROM $BASE

RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin qr-login \
 && install --directory --owner=qr-login --group=qr-login --mode=0700 /data

COPY target/release/qr-login /usr/local/bin/qr-login

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
