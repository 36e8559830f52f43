// Scan to sign in by OAuth's device flow (RFC 8628) on oidc-provider, whose checks are all on. What a site has to write
// itself is as small and fast as it gets: short pages, records in Maps, and one account for every sign-in.
// It is here to be measured against, not to be used: sign-in takes no password.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

// The package's own store keeps a thousand records, and walks through all tokens of a grant for each new one. Here records
// stay until the process ends; the provider itself refuses those that have expired.
class Store {
  static uids = new Map()
  static userCodes = new Map()
  static grants = new Map()
  records = new Map()

  async upsert(id, record) {
    this.records.set(id, record)
    if (record.uid) Store.uids.set(record.uid, id)
    if (record.userCode) Store.userCodes.set(record.userCode, id)
    if (record.grantId) {
      if (!Store.grants.has(record.grantId)) Store.grants.set(record.grantId, new Map())
      Store.grants.get(record.grantId).set(id, this.records)
    }
  }

  async find(id) {
    return this.records.get(id)
  }

  async findByUid(uid) {
    return this.records.get(Store.uids.get(uid))
  }

  async findByUserCode(userCode) {
    return this.records.get(Store.userCodes.get(userCode))
  }

  async consume(id) {
    this.records.get(id).consumed = Math.floor(Date.now() / 1000)
  }

  async destroy(id) {
    this.records.delete(id)
  }

  async revokeByGrantId(grantId) {
    for (const [id, records] of Store.grants.get(grantId) ?? []) records.delete(id)
    Store.grants.delete(grantId)
  }
}

// The site trusts its own client, so consent is not requested twice: the confirmation on the phone is the consent.
async function loadExistingGrant({ oidc: { client, session, provider } }) {
  const id = session.grantIdFor(client.clientId)
  const known = id && (await provider.Grant.find(id))
  if (known) return known
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId })
  grant.addOIDCScope('openid')
  await grant.save()
  return grant
}

const page = (body) => `<!DOCTYPE html><html lang="en"><title>Sign in</title><body>${body}</body></html>`

const configuration = {
  adapter: Store,
  clients: [
    {
      client_id: 'pc',
      token_endpoint_auth_method: 'none',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
      response_types: [],
      redirect_uris: [],
      id_token_signed_response_alg: 'Ed25519',
    },
  ],
  cookies: { keys: [randomBytes(32).toString('hex')] },
  // The kind of key that qr-login signs with.
  jwks: { keys: [generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })] },
  // Scripts of its own pages alone.
  clientBasedCORS: (ctx, origin) => origin === ctx.oidc.issuer,
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  loadExistingGrant,
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 3600, DeviceCode: 300, Grant: 86400, IdToken: 3600, Interaction: 3600, Session: 86400 },
  features: {
    devInteractions: { enabled: false },
    deviceFlow: {
      enabled: true,
      userCodeInputSource: (ctx, form) => {
        ctx.body = page(form)
      },
      userCodeConfirmSource: (ctx, form, client, _device, userCode) => {
        const button = '<button form="op.deviceConfirmForm">Sign in</button>'
        ctx.body = page(`<p>${client.clientId} shows ${userCode}</p>${form}${button}`)
      },
      successSource: (ctx) => {
        ctx.body = page('<p>Signed in</p>')
      },
    },
  },
}

// The issuer has the port in it, which is known once the server listens.
const server = createServer()
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(address, configuration)
  const answer = provider.callback()
  server.on('request', (req, res) => {
    if (!req.url.startsWith('/interaction/')) return answer(req, res)
    provider.interactionFinished(req, res, { login: { accountId: 'dong' } }).catch((error) => {
      console.error(error)
      res.writeHead(400).end()
    })
  })
  console.log(address)
})
