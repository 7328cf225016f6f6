# All roles in one container. Checked by a linter only: no container was built from it.
FROM node:24.21.0-bookworm-slim

WORKDIR /opt/rootdesk

# The packages first, so that a change of code does not install them again. Install scripts must run: one of them
# brings the Node that the project is pinned to.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

COPY LICENSE README.md rootdesk.js ./
COPY config config
COPY templates templates
COPY workers workers
COPY src src

# Keys and state live in the data folder, which belongs on a volume of its own and not into a backup that also holds
# the database.
RUN install -d -o node -g node -m 0700 /var/lib/rootdesk
ENV ROOTDESK_DATA_DIR=/var/lib/rootdesk
VOLUME ["/var/lib/rootdesk"]

USER node

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.ROOTDESK_HTTP_PORT || 8480) + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# Exec form: signals reach the process, which drains and stops. The settings are the environment and, if mounted,
# config/rootdesk.yaml.
ENTRYPOINT ["node_modules/node/bin/node", "--max-semi-space-size=4", "src/cli.ts"]
CMD ["start"]
