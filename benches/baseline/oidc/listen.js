// Starts a provider on a free port, and prints its address.
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

// The issuer has the port in it, which is known once the server listens.
export function listen(configuration) {
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
}
