# Builds the one binary, then ships it alone.
FROM node:24-bookworm-slim AS build
WORKDIR /sotto
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM debian:bookworm-slim
RUN useradd --system sotto
COPY --from=build /sotto/dist/sotto /usr/local/bin/sotto
USER sotto
ENV SOTTO_HOST=0.0.0.0 PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["sotto", "healthcheck"]
# Kernels hide megabytes of audio in each socket; run with: --sysctl net.ipv4.tcp_notsent_lowat=131072
ENTRYPOINT ["sotto"]
CMD ["serve"]
