// Scan to sign in as the tutorials write it: a Map of codes, GET endpoints that change it, and a PC that asks every second.
// It is here to be measured against, not to be used: anybody who knows an id may watch, scan or take the login.
import { randomUUID } from 'node:crypto'
import express from 'express'
import jwt from 'jsonwebtoken'
import QRCode from 'qrcode'

const SECRET = 'a secret'
const USERS = [
  { id: 1, username: 'dong', password: '111' },
  { id: 2, username: 'guang', password: '222' },
]
const codes = new Map()

const app = express()
app.use(express.static(new URL('public', import.meta.url).pathname))

function known(req, res) {
  const code = codes.get(req.query.id)
  if (!code) res.status(404).json({ message: 'no such code' })
  return code
}

function phone(req, res) {
  try {
    return jwt.verify(req.headers.authorization?.split(' ')[1], SECRET)
  } catch {
    res.status(401).json({ message: 'sign in first' })
  }
}

app.get('/login', (req, res) => {
  const { username, password } = req.query
  const user = USERS.find((user) => user.username === username && user.password === password)
  if (!user) return res.status(401).json({ message: 'wrong username or password' })
  res.json({ token: jwt.sign({ userId: user.id }, SECRET, { expiresIn: '7d' }) })
})

app.get('/qrcode/generate', async (_req, res) => {
  const id = randomUUID()
  codes.set(id, { status: 'noscan' })
  res.json({ id, img: await QRCode.toDataURL(`http://localhost:3000/confirm.html?id=${id}`) })
})

app.get('/qrcode/check', (req, res) => {
  const code = known(req, res)
  if (!code) return
  if (code.status !== 'scan-confirm') return res.json({ status: code.status })
  const user = USERS.find((user) => user.id === code.userId)
  res.json({
    status: code.status,
    userInfo: { id: user.id, username: user.username },
    token: jwt.sign({ userId: user.id }, SECRET, { expiresIn: '7d' }),
  })
})

app.get('/qrcode/scan', (req, res) => {
  const code = known(req, res)
  if (!code) return
  code.status = 'scan-wait-confirm'
  res.json({ status: code.status })
})

app.get('/qrcode/confirm', (req, res) => {
  const code = known(req, res)
  const caller = code && phone(req, res)
  if (!caller) return
  code.status = 'scan-confirm'
  code.userId = caller.userId
  res.json({ status: code.status })
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`)
})
